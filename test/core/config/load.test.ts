import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { Secret } from '../../../src/config/secret.ts';
import { ConfigError } from '../../../src/errors.ts';
import { smallRegistry } from '../../support/registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'vitald-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, 'vitald.yml');

/** Loads a text as a file, with flags laid over it. */
function load(text: string, args: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): Promise<Config> {
  writeFileSync(file, text);
  return loadConfig({ file, args, environment, platform: 'linux' }, smallRegistry);
}

/** What is wrong with a text, each as position and message, without the path of the file. */
async function mistakes(
  text: string,
  args: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
): Promise<string[]> {
  const error: unknown = await load(text, args, environment).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) return [];
  if (!(error instanceof ConfigError)) throw error;
  return error.problems.map(({ where, message }) => `${where.replace(`${file}:`, '')}: ${message}`);
}

/** What a text sets the options of a collector to. */
async function optionsOf(text: string, name: string, args: readonly string[] = []): Promise<object | undefined> {
  const { collectors } = await load(text, args);
  return collectors.find(({ definition }) => definition.name === name)?.options;
}

const badConfigs = new URL('../../bad-config/', import.meta.url).pathname;

describe('a bad config', () => {
  const files = readdirSync(badConfigs);

  test('has many examples', () => {
    expect(files.length).toBeGreaterThan(40);
  });

  test.each(files)('is told at its place with what was found: %s', async (name) => {
    const path = join(badConfigs, name);
    const text = readFileSync(path, 'utf8');
    const expected = [...text.matchAll(/^# expect: (.*)$/gm)].map(([, message]) => message);

    const error: unknown = await loadConfig({ file: path, environment: {}, platform: 'linux' }, smallRegistry).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );

    expect(error).toBeInstanceOf(ConfigError);
    const { problems, message } = error as ConfigError;
    expect(problems.map((problem) => `${problem.where}: ${problem.message}`)).toEqual(
      expected.map((each) => `${path}:${each}`),
    );
    for (const { where, frame } of problems) {
      const [line = 0] = /\d+(?=:\d+$)/.exec(where) ?? [];
      expect(frame).toMatch(new RegExp(`^  ${line} \\| .*\n {3,5}\\| +\\^+$`));
    }
    expect(message).not.toMatch(/hunter2|31337/);
  });

  test('with ten different mistakes tells ten, in the order of the file', () => {
    const text = readFileSync(join(badConfigs, 'ten-mistakes.yml'), 'utf8');
    const places = [...text.matchAll(/^# expect: (\d+):(\d+): /gm)].map(([, line, column]) => [
      Number(line),
      Number(column),
    ]);

    expect(places).toHaveLength(10);
    expect(places).toEqual(places.toSorted(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d));
  });
});

test('mistakes in one line are told in the order of the line', async () => {
  expect(await mistakes('defaults: { timeout: 4, schedule: 90s, tmieout: 5s }\n')).toEqual([
    '1:22: defaults.timeout: expected text, found 4',
    expect.stringMatching(/^1:35: defaults\.schedule: /),
    '1:40: defaults.tmieout: unknown option; did you mean "timeout"?',
  ]);
});

describe('a file', () => {
  test('that is empty gives the defaults', async () => {
    const config = await load('');

    expect(config).toMatchObject({
      file,
      source: 'kernel',
      web: { listen_addresses: ['127.0.0.1:9100'], telemetry_path: '/metrics' },
      path: { procfs: '/proc', sysfs: '/sys', rootfs: '/', udev_data: '/run/udev/data' },
      log: { level: 'info', format: 'auto' },
      scheduling: { timezone: 'UTC', spread: true, probe_concurrency: 64 },
      checks: [],
    });
    expect(config.defaults).toMatchObject({ schedule: { expression: '*/5 * * * * *' }, timeout: 4_000 });
  });

  test.each(['# only a comment\n', '---\n', '{}\n', 'collectors:\nchecks:\nmodules:\nweb:\n'])(
    'that says nothing gives them too: %j',
    async (text) => {
      expect(await mistakes(text)).toEqual([]);
    },
  );

  test('that cannot be read is told as such', async () => {
    const path = join(folder, 'absent.yml');

    await expect(loadConfig({ file: path, environment: {} }, smallRegistry)).rejects.toThrow(
      `${path}: cannot be read: ENOENT`,
    );
  });

  test('is not needed', async () => {
    const config = await loadConfig({ args: ['--log.level=debug'], environment: {} }, smallRegistry);

    expect(config).toMatchObject({ file: undefined, log: { level: 'debug' } });
  });

  test('may use anchors', async () => {
    const config = await load('defaults: { schedule: &often 10s }\ncollectors:\n  disks: { schedule: *often }\n');

    expect(config.collectors[0]?.schedule.source).toBe('10s');
  });

  test('may merge maps', async () => {
    const { collectors } = await load(
      'collectors:\n  disks: &slow { schedule: 10s, timeout: 2s }\n  mail_queues: { <<: *slow, timeout: 3s }\n',
    );

    expect(collectors.map(({ schedule, timeoutMs }) => [schedule.source, timeoutMs])).toEqual([
      ['10s', 2_000],
      ['10s', 3_000],
    ]);
  });

  test('that grows without end by its aliases is refused', async () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const below = level === 0 ? '"x"' : `*a${level - 1}`;
      return `a${level}: &a${level} [${Array.from({ length: 10 }, () => below).join(', ')}]\n`;
    });

    await expect(load(levels.join(''))).rejects.toThrow(/alias/);
  });
});

describe('collectors', () => {
  test('that are on by default run, others when they are named', async () => {
    const names = async (text: string) => (await load(text)).collectors.map(({ definition }) => definition.name);

    expect(await names('')).toEqual(['disks']);
    expect(await names('collectors: { mail_queues: {} }')).toEqual(['disks', 'mail_queues']);
    expect(await names('collectors: { mail_queues: true }')).toEqual(['disks', 'mail_queues']);
    expect(await names('collectors: { mail_queues: }')).toEqual(['disks', 'mail_queues']);
    expect(await names('collectors: { mail_queues: false }')).toEqual(['disks']);
    expect(await names('collectors: { disks: false }')).toEqual([]);
    expect(await names('collectors: { disable_defaults: true }')).toEqual([]);
    expect(await names('collectors: { disable_defaults: true, mail_queues: {} }')).toEqual(['mail_queues']);
  });

  test('have the defaults of their own, then those of the config', async () => {
    const { collectors } = await load('defaults: { schedule: 15s, timeout: 3s }\ncollectors: { mail_queues: {} }');

    expect(
      collectors.map(({ schedule, timeoutMs, staleAfterMs }) => [schedule.source, timeoutMs, staleAfterMs]),
    ).toEqual([
      ['15s', 3_000, 48_000],
      ['1m', 10_000, 190_000],
    ]);
  });

  test('have as many series as they say, as the defaults say, or as they are declared to have', async () => {
    const limits = async (text: string, maxSeries?: number): Promise<(number | undefined)[]> => {
      writeFileSync(file, text);
      const collectors = smallRegistry.collectors.map((each) =>
        maxSeries === undefined ? each : { ...each, maxSeries },
      );
      const config = await loadConfig({ file, environment: {}, platform: 'linux' }, { ...smallRegistry, collectors });
      return [...config.collectors, ...config.checks].map((each) => each.maxSeries);
    };
    const check = 'checks: [{ name: a, target: "http://a" }, { name: b, target: "http://b", max_series: 7 }]';

    expect(await limits(check)).toEqual([undefined, undefined, 7]);
    expect(await limits(check, 50)).toEqual([50, undefined, 7]);
    expect(await limits(`defaults: { max_series: 9 }\n${check}`, 50)).toEqual([9, 9, 7]);
    expect(await limits(`defaults: { max_series: 0 }\n${check}`, 50)).toEqual([undefined, undefined, 7]);
    expect(await limits('collectors: { disks: { max_series: 3 } }', 50)).toEqual([3]);
    expect(await limits('collectors: { disks: { max_series: 0 } }', 50)).toEqual([undefined]);
    expect(await mistakes('collectors: { disks: { max_series: -1 } }')).toEqual([
      '1:36: collectors.disks.max_series: must be at least 0, found -1',
    ]);
  });

  test('are isolated where they say so, with their own options as they were given', async () => {
    const { collectors } = await load(
      'collectors: { disks: { isolate: process }, mail_queues: { isolate: process, memory_limit: 1GB, password: "${PW}", depth: 5, timeout: 3s } }',
      [],
      { PW: 'hunter2' },
    );
    const [disks, queues] = collectors.map(({ isolation }) => isolation);

    expect(disks).toMatchObject({ origin: { kind: 'built-in', list: 'collectors' }, memoryLimit: 64 * 2 ** 20 });
    expect(queues).toMatchObject({ memoryLimit: 2 ** 30 });
    expect(queues?.given.reveal()).toBe('{"password":"hunter2","depth":5}');
    expect(JSON.stringify(collectors)).not.toContain('hunter2');
    expect((await load('collectors: { disks: {} }')).collectors[0]?.isolation).toBeUndefined();
  });

  test.each([
    ['isolate: thread', 'collectors.disks.isolate: expected "process", found "thread"'],
    ['memory_limit: 1GB', `collectors.disks.memory_limit: needs "isolate: process"; else the memory is the daemon's`],
    ['isolate: process, memory_limit: 1MB', 'collectors.disks.memory_limit: must be at least 32MB'],
    ['isolate: process, memory_limit: much', 'collectors.disks.memory_limit: "much" is not a size; write it like'],
  ])('are refused where they ask for %s', async (options, mistake) => {
    const found = await mistakes(`collectors: { disks: { ${options} } }`);

    expect(found.length).toBe(1);
    expect(found[0]).toContain(mistake);
  });

  test('take what they are given', async () => {
    const { collectors } = await load(
      'collectors: { disks: { schedule: "0 * * * *", timeout: 1s, stale_after: 2h, size_factor: 2, extended: true } }',
    );

    expect(collectors[0]).toMatchObject({
      schedule: { expression: '0 0 * * * *', periodMs: 3_600_000 },
      timeoutMs: 1_000,
      staleAfterMs: 7_200_000,
      options: { size_factor: 2, extended: true },
    });
  });

  test('that read kernel files are left out where there is no kernel to read', async () => {
    const input = { environment: {}, args: ['--collector.mail_queues'] } as const;
    const names = async (platform: NodeJS.Platform) =>
      (await loadConfig({ ...input, platform }, smallRegistry)).collectors.map(({ definition }) => definition.name);

    expect(await names('darwin')).toEqual(['mail_queues']);
    expect(await names('linux')).toEqual(['disks', 'mail_queues']);
    expect(await loadConfig({ ...input, platform: 'darwin' }, smallRegistry)).toMatchObject({ source: 'portable' });
  });

  test('may be named that exist only on another platform', async () => {
    const input = { environment: {}, args: ['--no-collector.disks'], platform: 'darwin' } as const;

    await expect(loadConfig(input, smallRegistry)).resolves.toMatchObject({ collectors: [] });
  });

  test('take a pattern that needs the whole of Go', async () => {
    const options = await optionsOf('collectors: { disks: { ignored: "^\\\\p{Lu}" } }', 'disks');

    expect((options as { ignored: { test(text: string): boolean } }).ignored.test('Äpfel')).toBe(true);
  });
});

describe('modules', () => {
  test('hold the options of their prober; http_2xx is there without being named', async () => {
    const { modules } = await load('modules: { shop: { prober: http, timeout: 2s, http: { method: HEAD } } }');

    expect([...modules].map(([name, { timeoutMs, options }]) => [name, timeoutMs, options])).toMatchObject([
      ['http_2xx', undefined, { method: 'GET', valid_status_codes: [] }],
      ['shop', 2_000, { method: 'HEAD' }],
    ]);
  });

  test('may be another http_2xx', async () => {
    const { modules } = await load('modules: { http_2xx: { prober: http, http: { method: POST } } }');

    expect(modules.get('http_2xx')?.options).toMatchObject({ method: 'POST' });
  });
});

describe('flags', () => {
  test('are laid over the file, key by key', async () => {
    const text = 'collectors: { disks: { size_factor: 2, extended: true } }';

    expect(await optionsOf(text, 'disks', ['--collector.disks.size-factor=5'])).toMatchObject({
      size_factor: 5,
      extended: true,
    });
  });

  test('that turn on leave the options of the file alone, those that turn off do not', async () => {
    const text = 'collectors: { mail_queues: { depth: 5 } }';

    expect(await optionsOf(text, 'mail_queues', ['--collector.mail_queues'])).toMatchObject({ depth: 5 });
    expect(await optionsOf(text, 'mail_queues', ['--no-collector.mail_queues'])).toBeUndefined();
    expect(
      await optionsOf('collectors: { mail_queues: false }', 'mail_queues', ['--collector.mail_queues']),
    ).toMatchObject({
      depth: 3,
    });
  });

  test('are told as they were written when they are wrong, before what is wrong in the file', async () => {
    expect(
      await mistakes('log: { level: loud }\n', ['--collector.disks.size-factor=big', '--collector.disks.schedule=90s']),
    ).toEqual([
      '--collector.disks.schedule: "90s" is not a period that cron can express; the nearest are "1m" and "2m"',
      '--collector.disks.size-factor: expected a number, found "big"',
      '1:15: log.level: expected one of "debug", "info", "warn", "error", found "loud"',
    ]);
  });
});

describe('a secret', () => {
  test('comes from the environment and cannot be printed', async () => {
    const { collectors } = await load('collectors: { mail_queues: { password: "${MAIL_PASSWORD}" } }', [], {
      MAIL_PASSWORD: 'hunter2',
    });
    const { password } = collectors[1]!.options as { password: Secret };

    expect(password.reveal()).toBe('hunter2');
    expect(JSON.stringify(collectors)).not.toContain('hunter2');
    expect(String(password)).toBe('<secret>');
  });

  test.each([
    ['collectors: { mail_queues: { password: [hunter2] } }'],
    ['collectors:\n  mail_queues:\n    password:\n      31337\n'],
    ['collectors: { mail_queues: { passwrd: hunter2 } }'],
    ['collectors: { mail_queues: { url: "smtp://u:hunter2@mail", depth: 0 } }'],
    ['modules: { m: { prober: http, http: { basic_auth: { username: [5], password: hunter2 } } } }'],
    ['modules: { m: { prober: http, http: { headers: { Authorization: [Bearer, hunter2] } } } }'],
    ['modules: { m: { prober: http, http: { basic_auth: { usrname: u, pasword: hunter2 } } } }'],
    ['checks: [{ name: a, target: "https://u:hunter2@shop", http: { methd: x } }]'],
    ['checks: [{ name: a, taget: "https://u:hunter2@shop" }]'],
    ['collectors: { mail_queues: { password: "hunter2 } }'],
    ['collectors: { mail_queues: { password: hunter2: } }'],
    ['collectors:\n  mail_queues:\n    password: hunter2\n     depth: 5\n'],
    ['collectors:\n  mail_queues:\n    password: |\n      hunter2\n     31337\n'],
    ['collectors:\n  mail_queues:\n    password: *hunter2\n'],
    ['collectors: { mail_queues: { password: a, password: hunter2 } }'],
  ])('is in no message and no frame: %j', async (text) => {
    const error: unknown = await load(text).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).message).not.toMatch(/hunter2|31337/);
  });

  test('of the environment is in no message either', async () => {
    const environment = { MAIL_PASSWORD: 'hunter2' };
    const text = 'collectors: { mail_queues: { password: ["${MAIL_PASSWORD}"], url: ["${MAIL_PASSWORD}"] } }';

    expect((await mistakes(text, [], environment)).join('\n')).not.toContain('hunter2');
  });
});

describe('history', () => {
  test.each([
    // As in every size of a configuration: powers of 1024, whichever way they are written.
    ['8MB', 8 * 2 ** 20],
    ['8MiB', 8 * 2 ** 20],
    ['1.5MB', 1.5 * 2 ** 20],
    ['0', 0],
  ])('has a budget of %j', async (written, bytes) => {
    expect((await load(`history: { budget: ${JSON.stringify(written)} }`)).history.budget).toBe(bytes);
    expect((await load('', [`--history.budget=${written}`])).history.budget).toBe(bytes);
  });

  test('has a budget in bytes without a unit', async () => {
    expect((await load('history: { budget: 2000000 }')).history.budget).toBe(2_000_000);
  });

  test.each(['8 MBit', '-1', '1e6', 'MB', '', '8mb', 'true'])('has no budget of %j', async (written) => {
    expect(await mistakes(`history: { budget: "${written}" }`)).toHaveLength(1);
  });

  test('is kept where the unit has its state, unless the config says where, or nowhere', async () => {
    const unit = { STATE_DIRECTORY: '/var/lib/vitald:/var/lib/other' };
    expect((await load('', [], unit)).history.directory).toBe('/var/lib/vitald');
    expect((await load('', [], {})).history.directory).toBeUndefined();
    expect((await load('history: { directory: state }', [], unit)).history.directory).toBe(join(folder, 'state'));
    expect((await load('history: { directory: "" }', [], unit)).history.directory).toBeUndefined();
  });
});
