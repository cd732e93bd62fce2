import { describe, expect, test } from 'vitest';
import { defineProber, type ProbeOutcome } from '../../../src/prober.ts';
import { z } from '../../../src/config/schema.ts';
import { startTestedDaemon, type TestedDaemon } from '../../support/daemons.ts';
import { until } from '../../support/program.ts';

/** A prober whose targets are up or down as the test says, and that can be made to hang or to break. */
function puppet() {
  const states = new Map<string, 'up' | 'down' | 'hangs' | 'throws' | 'nonsense'>();
  const prober = defineProber({
    name: 'puppet',
    summary: 'Answers as told.',
    families: [],
    phases: ['resolve', 'connect', 'processing'],
    config: z.strictObject({}),
    create: () => ({
      async probe({ target, signal }): Promise<ProbeOutcome> {
        const state = states.get(target) ?? 'up';
        if (state === 'hangs') await new Promise(() => {});
        if (state === 'throws') throw new TypeError('a bug with a password in it: hunter2');
        if (state === 'nonsense') {
          const family = { name: 'not-a-name', type: 'gauge', help: '', labelNames: [] } as const;
          return { success: true, samples: [{ family, value: 1, labels: undefined }] };
        }
        if (signal.aborted || state === 'up') return { success: true, samples: [] };
        return { success: false, reason: 'connect', phase: 'connect', detail: 'refused', samples: [] };
      },
    }),
  });
  return { states, prober };
}

const head = `
collectors: { disable_defaults: true }
scheduling: { spread: false }
defaults: { schedule: 1s, timeout: 100ms }
modules: { puppet: { prober: puppet, timeout: 100ms } }
checks:
`;

async function start(
  checks: string,
  { states, prober }: ReturnType<typeof puppet>,
  initial = {},
): Promise<TestedDaemon> {
  for (const [target, state] of Object.entries(initial)) states.set(target, state as 'up');
  const { http } = await import('../../../collectors/probe/http.ts');
  return startTestedDaemon(head + checks, { probers: [prober, http] });
}

/** The states of a check as they are served. */
async function statesOf(tested: TestedDaemon, name: string): Promise<Record<string, number>> {
  const found = /^vitald_check_(up|suppressed|maintenance)\{check="([^"]+)"\} (\d)$/;
  return Object.fromEntries(
    (await tested.lines()).flatMap((line) => {
      const [, state = '', check, value] = found.exec(line) ?? [];
      return check === name ? [[state, Number(value)]] : [];
    }),
  );
}

describe('before its first probe has ended', () => {
  test('a check has its facts and counters at 0, and says neither up nor down', async () => {
    const puppets = puppet();
    const tested = await start('  - { name: slow, target: a, module: puppet, timeout: 30s, schedule: 1h }', puppets, {
      a: 'hangs',
    });

    expect((await tested.lines()).filter((line) => line.includes('check="slow"'))).toEqual([
      'probe_info{check="slow",module="puppet",prober="puppet",target="a"} 1',
      'probe_timeout_seconds{check="slow"} 30',
      'vitald_check_failures_total{check="slow",reason="timeout"} 0',
      'vitald_check_failures_total{check="slow",reason="dns"} 0',
      'vitald_check_failures_total{check="slow",reason="connect"} 0',
      'vitald_check_failures_total{check="slow",reason="status"} 0',
      'vitald_check_probes_total{check="slow"} 0',
    ]);
  });
});

describe('a check', () => {
  test('is up or down by its thresholds, and logged when that turns, not at each probe', async () => {
    const puppets = puppet();
    const tested = await start('  - { name: a, target: a, module: puppet, failing_after: 2 }', puppets);
    await tested.eventually('vitald_check_up{check="a"}', 1);

    puppets.states.set('a', 'down');
    await tested.eventually('probe_success{check="a"}', 0);
    expect(await tested.value('vitald_check_up{check="a"}')).toBe(1);
    expect(tested.log.lines.filter((line) => line.includes('is down'))).toEqual([]);

    await tested.eventually('vitald_check_up{check="a"}', 0);
    expect(await tested.value('vitald_check_failures_total{check="a",reason="connect"}')).toBe(2);
    expect(tested.log.lines.filter((line) => line.includes('is down'))).toHaveLength(1);
  });

  test('whose prober hangs is a timeout and not an absence, and the late answer counts for nothing', async () => {
    const puppets = puppet();
    const tested = await start('  - { name: a, target: a, module: puppet, schedule: 1h }', puppets, { a: 'hangs' });

    await tested.eventually('probe_success{check="a"}', 0);

    expect(await tested.value('vitald_check_failures_total{check="a",reason="timeout"}')).toBe(1);
    expect(await tested.value('vitald_check_probes_total{check="a"}')).toBe(1);
    expect(await statesOf(tested, 'a')).toEqual({ up: 0 });
  });

  test.each(['throws', 'nonsense'])(
    'whose prober %s has failed, once, and the metrics hold no word of why',
    async (state) => {
      const puppets = puppet();
      const tested = await start('  - { name: a, target: a, module: puppet, schedule: 1h }', puppets, { a: state });

      await tested.eventually('probe_success{check="a"}', 0);

      expect(await tested.value('vitald_check_failures_total{check="a",reason="config"}')).toBe(1);
      expect(await tested.value('vitald_check_probes_total{check="a"}')).toBe(1);
      expect((await tested.get('/api/v1/check?name=a')).text).not.toContain('hunter2');
      expect((await tested.lines()).join('\n')).not.toContain('hunter2');
    },
  );
});

describe('a check that depends on others', () => {
  const chain = `
  - { name: router, target: router, module: puppet }
  - { name: proxy, target: proxy, module: puppet, depends_on: router, schedule: 1h }
  - { name: shop, target: shop, module: puppet, depends_on: [proxy], schedule: 1h }
  - { name: alone, target: shop, module: puppet, schedule: 1h }
`;

  test('is suppressed while one of them is down, also by way of another, and at once', async () => {
    const puppets = puppet();
    const tested = await start(chain, puppets, { shop: 'down' });
    await tested.eventually('vitald_check_up{check="router"}', 1);
    await tested.eventually('vitald_check_up{check="shop"}', 0);
    expect(await statesOf(tested, 'shop')).toEqual({ up: 0, suppressed: 0 });

    puppets.states.set('router', 'down');
    // The dependents run once an hour: what makes them suppressed is the router's probe.
    await tested.eventually('vitald_check_suppressed{check="shop"}', 1);
    expect(await statesOf(tested, 'proxy')).toEqual({ up: 1, suppressed: 1 });
    expect(await statesOf(tested, 'router')).toEqual({ up: 0 });
    expect(await statesOf(tested, 'alone')).toEqual({ up: 0 });

    puppets.states.set('router', 'up');
    await tested.eventually('vitald_check_suppressed{check="shop"}', 0);
    expect(await statesOf(tested, 'proxy')).toEqual({ up: 1, suppressed: 0 });
  });

  test('names each of them once, for rules that look for the one failure behind many', async () => {
    const puppets = puppet();
    const checks = chain
      .replace('[proxy]', '[proxy, router, proxy]')
      .replace('name: shop,', 'name: shop, labels: { team: web },');
    const tested = await start(checks, puppets, { shop: 'hangs' });

    expect((await tested.lines()).filter((line) => line.startsWith('vitald_check_depends_on_info'))).toEqual([
      'vitald_check_depends_on_info{check="proxy",depends_on="router"} 1',
      'vitald_check_depends_on_info{check="shop",depends_on="proxy",team="web"} 1',
      'vitald_check_depends_on_info{check="shop",depends_on="router",team="web"} 1',
    ]);
  });

  test('may depend on a list, which is down when all of it is, or on each of its checks', async () => {
    const puppets = puppet();
    const tested = await start(
      `
  - { name: routers, targets: [left, right], module: puppet }
  - { name: shop, target: shop, module: puppet, schedule: 1h, depends_on: routers }
  - { name: cart, target: cart, module: puppet, schedule: 1h, depends_on: routers/* }
`,
      puppets,
      { left: 'down' },
    );
    await tested.eventually('vitald_check_suppressed{check="cart"}', 1);
    expect(await statesOf(tested, 'shop')).toMatchObject({ suppressed: 0 });

    puppets.states.set('right', 'down');
    await tested.eventually('vitald_check_suppressed{check="shop"}', 1);
    puppets.states.set('left', 'up');
    await tested.eventually('vitald_check_suppressed{check="shop"}', 0);
    expect(await statesOf(tested, 'cart')).toMatchObject({ suppressed: 1 });
  });

  test('makes no warning of what it finds meanwhile', async () => {
    const puppets = puppet();
    const checks = chain.replace('depends_on: [proxy], schedule: 1h', 'depends_on: [proxy]');
    const tested = await start(checks, puppets, { router: 'down' });
    await tested.eventually('vitald_check_suppressed{check="shop"}', 1);

    puppets.states.set('shop', 'down');
    await tested.eventually('vitald_check_up{check="shop"}', 0);

    const ofShop = tested.log.lines.filter((line) => line.includes('"shop"'));
    expect(ofShop).toHaveLength(1);
    expect(ofShop[0]).toMatch(/^info the target is down .*"suppressed":true/);
  });
});

describe('a check in maintenance', () => {
  test('is marked and suppressed while a window is open, and not before or after', async () => {
    const puppets = puppet();
    // Opens in the first half of each second minute and in the other half; one of the two is open.
    const tested = await start(
      `
  - { name: always, target: a, module: puppet, maintenance: [{ schedule: "* * * * *", duration: 2m }] }
  - { name: never, target: b, module: puppet, maintenance: [{ schedule: "0 0 29 2 *", duration: 1m }] }
  - { name: none, target: c, module: puppet }
`,
      puppets,
      { a: 'down' },
    );
    await tested.eventually('vitald_check_up{check="always"}', 0);

    expect(await statesOf(tested, 'always')).toEqual({ up: 0, maintenance: 1, suppressed: 1 });
    expect(await statesOf(tested, 'never')).toMatchObject({ maintenance: 0, suppressed: 0 });
    expect(await statesOf(tested, 'none')).not.toHaveProperty('maintenance');
    expect(tested.log.lines.some((line) => line.startsWith('warn the target is down'))).toBe(false);
  });

  test('comes out of it when the window closes, though it does not run then', async () => {
    const puppets = puppet();
    // Open for one second, once in ten.
    const tested = await start(
      '  - { name: a, target: a, module: puppet, schedule: 1h, maintenance: [{ schedule: "*/3 * * * * *", duration: 1s }] }',
      puppets,
    );

    await until(async () => (await statesOf(tested, 'a'))['maintenance'] === 1, undefined, 6_000);
    await until(async () => (await statesOf(tested, 'a'))['maintenance'] === 0, undefined, 6_000);
    expect(await statesOf(tested, 'a')).toEqual({ up: 1, maintenance: 0, suppressed: 0 });
  });
});

describe('over a reload', () => {
  test('a check keeps what it counts as, and one that comes is suppressed from the start', async () => {
    const puppets = puppet();
    const checks = '  - { name: router, target: router, module: puppet, failing_after: 2 }\n';
    const tested = await start(checks, puppets, { router: 'down' });
    await tested.eventually('vitald_check_up{check="router"}', 0);

    const shop = '  - { name: shop, target: shop, module: puppet, schedule: 1h, depends_on: router }\n';
    tested.folder.write('vitald.yml', head + checks + shop);
    expect(await tested.daemon.reload('test')).toEqual({ ok: true });
    expect(await tested.value('vitald_check_up{check="router"}')).toBe(0);
    expect(await tested.value('vitald_check_suppressed{check="shop"}')).toBe(1);

    tested.folder.write('vitald.yml', head + shop.replace(', depends_on: router', ''));
    expect(await tested.daemon.reload('test')).toEqual({ ok: true });
    await tested.eventually('vitald_check_up{check="shop"}', 1);
    expect(
      (await tested.lines()).filter((line) => line.startsWith('vitald_check_suppressed') || line.includes('router')),
    ).toEqual([]);
  });
});
