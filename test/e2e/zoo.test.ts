/** Every hostile endpoint at once: what probes of them cost, how they end, and that they leave nothing behind. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { http, HttpProber } from '../../collectors/probe/http.ts';
import { Resolver } from '../../collectors/probe/resolve.ts';
import { temporaryFolder } from '../support/program.ts';
import { answering, ok, plainBeast } from '../support/zoo.ts';
import { httpZoo } from '../support/zoo-http.ts';
import { type Encounter, protocolZoo } from '../support/zoo-protocols.ts';
import type { Visit } from '../support/zoo-visitor.ts';
import { startVisitor } from '../support/zoo-visits.ts';

const deadlineMs = 1000;
/** How long the crowd stays; a minute for the whole proof. */
const crowdSeconds = Number(process.env['ZOO_SECONDS'] ?? 20);
const encounters: readonly Encounter[] = [...httpZoo, ...protocolZoo];
const closers: (() => Promise<void> | void)[] = [];
let visits: Visit[] = [];

beforeAll(async () => {
  visits = await Promise.all(
    encounters.map(async ({ name, prober, options = {}, open }) => {
      const { target, close } = await open();
      closers.push(close);
      return { name, prober, options, target };
    }),
  );
});

afterAll(async () => {
  for (const close of closers) await close();
});

const visitor = () => startVisitor(deadlineMs);

const megabytes = (bytes: number) => Math.round(bytes / 100_000) / 10;

test('every one ends within its deadline with the right reason, and all cost less than 20 MB', async () => {
  const tour = await visitor();
  await tour({ visits, width: 4, ms: 0 });
  const { met, before, after } = await tour({ visits, width: 4, ms: 0 });

  const wrong = met.filter(({ name, verdict, phase, ms }) => {
    const { reason, phase: rightPhase } = encounters.find((encounter) => encounter.name === name)!;
    const reasons = typeof reason === 'string' ? [reason] : reason;
    return (
      !reasons.some((right) => right === verdict) ||
      (rightPhase !== '' && phase !== rightPhase) ||
      ms > deadlineMs + 100
    );
  });
  const grown = after.residentBytes - before.residentBytes;
  process.stdout.write(`${met.length} hostile endpoints: ${megabytes(grown)} MB of memory more after all of them\n`);
  expect(wrong).toEqual([]);
  expect(met).toHaveLength(encounters.length);
  expect(grown).toBeLessThan(20_000_000);
  expect(after.active).toEqual(before.active);
  expect(after.descriptors).toBe(before.descriptors);
});

test('five hundred at once for a while leave no socket, timer or descriptor', async () => {
  const tour = await visitor();
  await tour({ visits, width: 100, ms: 2000 });
  const { probes, slowestMs, longestBlockMs, before, after } = await tour({
    visits,
    width: 500,
    ms: crowdSeconds * 1000,
  });

  const used = after.usedBytes - before.usedBytes;
  process.stdout.write(
    `${probes} probes in ${crowdSeconds} s, 500 at once: the slowest took ${Math.round(slowestMs)} ms, ` +
      `the event loop was blocked for ${Math.round(longestBlockMs)} ms at most; ` +
      `${megabytes(used)} MB in use more, ${megabytes(after.residentBytes - before.residentBytes)} MB resident\n`,
  );
  expect(after.active).toEqual(before.active);
  expect(after.descriptors).toBe(before.descriptors);
  expect(used).toBeLessThan(20_000_000);
  expect(probes).toBeGreaterThan(crowdSeconds * 100);
  // A machine with other work makes every turn of the event loop late; beyond that nothing may hold a deadline up.
  expect(slowestMs).toBeLessThan(deadlineMs + 100 + 3 * longestBlockMs);
});

test('a bomb of half a gigabyte costs less than 20 MB', async () => {
  const bombs = visits.filter(({ name }) => name.startsWith('gzipBomb'));
  const tour = await visitor();
  await tour({ visits: bombs, width: 1, ms: 0 });
  const { met, before, after } = await tour({ visits: bombs, width: 1, ms: 0 });

  expect(met).toMatchObject([{ verdict: 'size' }]);
  expect(after.residentBytes - before.residentBytes).toBeLessThan(20_000_000);
});

test('a regexp that backtracks costs less than 100 ms on a body made for it', async () => {
  const beast = await plainBeast(answering(ok(`${'a'.repeat(100_000)}!`)));
  onTestFinished(() => beast.close());
  const tour = await visitor();
  const options = { preferred_ip_protocol: 'ip4', fail_if_body_not_matches_regexp: ['^(a+)+$'] };
  const visit = { name: 'evil', prober: 'http', options, target: beast.url };
  await tour({ visits: [visit], width: 1, ms: 0 });
  const { met, cpuMs } = await tour({ visits: [visit], width: 1, ms: 0 });

  process.stdout.write(`the regexp took ${Math.round(cpuMs)} ms of CPU with the rest of its probe\n`);
  expect(met).toMatchObject([{ verdict: 'body' }]);
  expect(cpuMs).toBeLessThan(100);
});

test('twelve names on a server that never answers do not delay a probe of localhost', async () => {
  const silent = createSocket('udp4');
  silent.bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const folder = temporaryFolder();
  const resolvConf = join(folder, 'resolv.conf');
  writeFileSync(resolvConf, `nameserver [127.0.0.1]:${silent.address().port}\n`);
  const hosts = join(folder, 'hosts');
  writeFileSync(hosts, '127.0.0.1 localhost\n');
  const resolver = new Resolver({ hosts, resolvConf });
  const beast = await plainBeast(answering(ok()));
  onTestFinished(async () => {
    silent.close();
    await beast.close();
  });
  const prober = () => new HttpProber(http.config.parse({ preferred_ip_protocol: 'ip4' }), resolver);
  const near = async () => {
    const start = performance.now();
    const target = `http://localhost:${beast.port}/`;
    const { success } = await prober().probe({ target, signal: AbortSignal.timeout(2000), timeoutMs: 2000 });
    expect(success).toBe(true);
    return performance.now() - start;
  };
  await near();
  const controllers = Array.from({ length: 12 }, () => new AbortController());
  const lost = controllers.map(({ signal }, at) =>
    prober().probe({ target: `http://shop-${at}.example/`, signal, timeoutMs: 60_000 }),
  );
  const tookMs = await near();
  for (const controller of controllers) controller.abort();

  expect(tookMs).toBeLessThan(100);
  for (const outcome of await Promise.all(lost)) expect(outcome).toMatchObject({ success: false, phase: 'resolve' });
});
