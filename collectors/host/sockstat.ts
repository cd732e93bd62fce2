/**
 * Sockets in use by protocol, and the memory of their buffers.
 *
 * Source  /proc/net/sockstat and /proc/net/sockstat6 (net/ipv4/proc.c, net/ipv6/proc.c): a protocol a line, then names
 *         and values. Either is absent where the kernel lacks that version of IP.
 * Units   sockets; `mem` in pages, which `mem_bytes` gives in bytes; `memory` of fragments in bytes.
 */
import { defineCollector, familiesByKey, gauge, malformed, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { integer, lines, words } from '../../src/system/numbers.ts';
import { pageSize } from './page-size.ts';

const used = gauge('node_sockstat_sockets_used', 'Number of IPv4 sockets in use.');
const sockets = familiesByKey('gauge', (key) => {
  const [protocol, state] = key.split(' ');
  return { name: `node_sockstat_${protocol}_${state}`, help: `Number of ${protocol} sockets in state ${state}.` };
});

const states = new Set(['inuse', 'orphan', 'tw', 'alloc', 'mem', 'memory']);

export const sockstat = defineCollector({
  name: 'sockstat',
  summary: 'Sockets in use by protocol.',
  source: '/proc/net/sockstat, /proc/net/sockstat6',
  enabled: true,
  families: [used, gauge('node_sockstat_<protocol>_<state>', 'Number of <protocol> sockets in state <state>.')],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect() {
        const samplesOf = (file: string): Sample[] => {
          const text = system.proc.readIfPresent(file)?.toString('utf8');
          return text === undefined ? [] : sockstatSamples(file, text, pageSize());
        };
        // How many sockets are used in all is of both, and stands in the first one.
        return [...samplesOf('net/sockstat'), ...samplesOf('net/sockstat6').filter(({ family }) => family !== used)];
      },
    };
  },
});

/** The samples of one file; throws `CollectError` where a line is not of names and values. */
export function sockstatSamples(source: string, text: string, pageBytes: number | undefined): Sample[] {
  const samples: Sample[] = [];
  for (const line of lines(text)) {
    const [head = '', ...pairs] = words(line);
    const protocol = head.replace(/:$/, '');
    if (pairs.length === 0 || pairs.length % 2 !== 0 || !/^\w+$/.test(protocol)) {
      throw malformed(source, JSON.stringify(line));
    }
    for (let index = 0; index < pairs.length; index += 2) {
      const state = pairs[index]!;
      const value = integer(pairs[index + 1]);
      if (value === undefined) throw malformed(source, JSON.stringify(line));
      if (protocol === 'sockets') {
        if (state === 'used') samples.push(used.sample(value));
        continue;
      }
      if (states.has(state)) samples.push(sockets(`${protocol} ${state}`).sample(value));
      if (state === 'mem' && pageBytes !== undefined) {
        samples.push(sockets(`${protocol} mem_bytes`).sample(value * pageBytes));
      }
    }
  }
  return samples;
}
