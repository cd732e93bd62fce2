/** A thousand checks over fresh connections, beside a thousand requests to blackbox_exporter's /probe. */
import { gunzipSync } from 'node:zlib';
import { parseExposition } from '../../../src/exposition/parse.ts';
import { testCertificates } from '../../support/certificates.ts';
import { untilIdle, untilPhase } from '../pace.ts';
import { scrape, type Serving } from '../programs.ts';
import type { Bench, Measured, Row } from '../row.ts';
import { median } from '../statistics.ts';

const count = 1000;
const atOnce = 64;
const periodMs = 10_000;

async function probeAll(blackbox: Serving, target: string): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      const url = `${blackbox.url}/probe?module=bench&target=${encodeURIComponent(`${target}/${index}`)}`;
      const answer = gunzipSync(await scrape(url, { gzip: true })).toString();
      if (!answer.includes('probe_success 1')) throw new Error(`blackbox_exporter found ${target} down`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function allAreUp(daemon: Serving): Promise<void> {
  const text = gunzipSync(await scrape(`${daemon.url}/metrics`, { gzip: true })).toString();
  const family = parseExposition(text).find(({ family: { name } }) => name === 'probe_success');
  const up = family?.samples.filter(({ value }) => value === 1).length ?? 0;
  if (up !== count) throw new Error(`${up} of ${count} checks are up`);
}

function probes(name: 'http' | 'https', goal: number): Row {
  return {
    name,
    gives: [name],
    long: name === 'https',
    async run(bench: Bench): Promise<Measured[]> {
      const certificates = name === 'https' ? testCertificates() : undefined;
      const nginx = await bench.nginx(certificates?.good);
      const tls = certificates === undefined ? '' : `, tls_config: { ca_file: ${certificates.root.certFile} }`;
      const modules = `modules:\n  bench: { prober: http, timeout: 9s, http: { preferred_ip_protocol: ip4${tls} } }\n`;
      const blackbox = await bench.blackboxExporter(modules);
      const targets = Array.from({ length: count }, (_, index) => `      - ${nginx.url}/${index}`).join('\n');
      const daemon = await bench.vitald(
        `
collectors: { disable_defaults: true }
scheduling: { probe_concurrency: ${atOnce}, spread: false }
${modules}
checks:
  - name: bench
    module: bench
    schedule: ${periodMs / 1000}s
    timeout: 9s
    targets:
${targets}
`,
        { manyChecks: true },
      );
      const rounds = bench.quick ? 1 : 6;
      const ours: number[] = [];
      const theirs: number[] = [];
      // A daemon runs for months: its code is optimised after some thousand probes, at a cost of its own.
      const warmUps = bench.quick ? 1 : 12;
      await probeAll(blackbox, nginx.url);
      for (let round = 0; round < warmUps + rounds; round += 1) {
        await untilPhase(periodMs, periodMs - 200);
        const before = daemon.cpuMs();
        await untilPhase(periodMs, 300);
        await untilIdle(daemon.cpuMs);
        // /probe gives its metrics with the answer, so a scrape belongs to the round.
        await allAreUp(daemon);
        const cost = (await untilIdle(daemon.cpuMs)) - before;
        const beforeTheirs = blackbox.cpuMs();
        await probeAll(blackbox, nginx.url);
        const costOfTheirs = (await untilIdle(blackbox.cpuMs)) - beforeTheirs;
        bench.say(`${name}: ${cost.toFixed(0)} ms, ${costOfTheirs.toFixed(0)} ms`);
        if (round < warmUps) continue;
        ours.push(cost);
        theirs.push(costOfTheirs);
      }
      await Promise.all([daemon, blackbox, nginx].map((program) => program.end()));
      return [
        {
          name,
          what: `1,000 ${name.toUpperCase()} checks, fresh connections, all metrics`,
          against: 'blackbox_exporter, 1,000 x /probe',
          unit: 'ratio',
          values: ours.map((cost, round) => cost / theirs[round]!),
          goal,
          note: `${(median(ours) / count).toFixed(3)} ms a check, one scrape of all included, against ${(median(theirs) / count).toFixed(3)} ms; same nginx, ${atOnce} at once, in turn; with the drop-in many-checks.conf; after ${warmUps} rounds of both as a warm-up`,
        },
      ];
    },
  };
}

export const http = probes('http', 0.35);
export const https = probes('https', 1);
