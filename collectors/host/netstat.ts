/**
 * Counters of the network protocols: IP, ICMP, TCP and UDP, for IPv4 and IPv6.
 *
 * Source  /proc/net/netstat and /proc/net/snmp (Documentation/networking/snmp_counter.rst): pairs of lines, names and
 *         values, each after the protocol; /proc/net/snmp6: a name and a value a line, absent without IPv6.
 * Units   packets, events or bytes (octets), as the kernel names them.
 * Quirks  Nearly all are counters, but `Tcp_CurrEstab` and a few more are not, so node_exporter leaves them untyped.
 *         `Tcp_MaxConn` is -1 where there is no limit.
 */
import { defineCollector, familiesByKey, malformed, untyped } from '../../src/collector.ts';
import { patternWithDefault, z, nameFilter } from '../../src/config/schema.ts';
import { integer, lines, words } from '../../src/system/numbers.ts';

const statistic = familiesByKey('untyped', (key) => ({
  name: `node_netstat_${key}`,
  help: `Statistic ${key.replace('_', '')}.`,
}));

const usualFields =
  '^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|' +
  'TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)|' +
  'Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|' +
  'Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$';

export const netstat = defineCollector({
  name: 'netstat',
  summary: 'Counters of IP, ICMP, TCP and UDP.',
  source: '/proc/net/netstat, /proc/net/snmp, /proc/net/snmp6',
  differences: ['A value that is no number is left out, where node_exporter fails as a whole.'],
  enabled: true,
  families: [untyped('node_netstat_<protocol>_<field>', 'Statistic <protocol><field>.')],
  config: z.strictObject({
    fields: patternWithDefault(usualFields).describe('Regexp of fields to report, such as `Tcp_InSegs`.'),
  }),
  create(config, { system }) {
    const wanted = nameFilter(config.fields, undefined);
    return {
      collect() {
        const values = new Map<string, number>();
        parsePairedLines('net/netstat', system.proc.text('net/netstat'), wanted, values);
        parsePairedLines('net/snmp', system.proc.text('net/snmp'), wanted, values);
        // Absent where the kernel runs without IPv6.
        if (system.proc.exists('net/snmp6')) parseSnmp6(system.proc.text('net/snmp6'), wanted, values);
        return Array.from(values, ([key, value]) => statistic(key).sample(value));
      },
    };
  },
});

/** Adds the wanted fields of a file that has a line of names before each line of values. */
export function parsePairedLines(
  source: string,
  text: string,
  wanted: (key: string) => boolean,
  values: Map<string, number>,
): void {
  const all = lines(text);
  for (let index = 0; index < all.length; index += 2) {
    const [head = '', ...names] = words(all[index]!);
    const [valuesHead, ...numbers] = words(all[index + 1] ?? '');
    if (!head.endsWith(':') || head !== valuesHead || names.length !== numbers.length) {
      throw malformed(source, `the names and the values of ${JSON.stringify(head)} differ in number`);
    }
    names.forEach((name, column) => add(`${head.slice(0, -1)}_${name}`, numbers[column], wanted, values));
  }
}

/** Adds the wanted fields of /proc/net/snmp6; the protocol of a name ends with its first 6. */
export function parseSnmp6(text: string, wanted: (key: string) => boolean, values: Map<string, number>): void {
  for (const line of lines(text)) {
    const [name = '', value] = words(line);
    const protocolEnd = name.indexOf('6') + 1;
    if (protocolEnd > 0) add(`${name.slice(0, protocolEnd)}_${name.slice(protocolEnd)}`, value, wanted, values);
  }
}

function add(
  key: string,
  text: string | undefined,
  wanted: (key: string) => boolean,
  values: Map<string, number>,
): void {
  if (!wanted(key) || !/^\w+$/.test(key)) return;
  const value = integer(text);
  if (value !== undefined) values.set(key, value);
}
