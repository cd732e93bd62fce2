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
import { FieldLines } from '../../src/system/field-lines.ts';
import { integer, lines, words } from '../../src/system/numbers.ts';
import { SampleList } from './sample-list.ts';

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
    const fields = new Fields(nameFilter(config.fields, undefined));
    const samples = new SampleList();
    const snmp6Lines = new FieldLines(/^(\S+)\s+([+-]?\d+)$/, (name) => fields.keyOf(name));
    return {
      collect() {
        const values = new Map<string, number>();
        parsePairedLines('net/netstat', system.proc.text('net/netstat'), fields, values);
        parsePairedLines('net/snmp', system.proc.text('net/snmp'), fields, values);
        // Absent where the kernel runs without IPv6.
        const snmp6 = system.proc.textIfAny('net/snmp6');
        if (snmp6 !== undefined) snmp6Lines.read(snmp6, (key, value) => values.set(key, value));
        samples.begin();
        for (const [key, value] of values) samples.pushValue(statistic(key), value);
        return samples.end();
      },
    };
  },
});

/** A line of names. */
interface Names {
  readonly head: string;
  readonly count: number;
  /** The fields to report and the columns in which their values stand. */
  readonly wanted: readonly { readonly column: number; readonly key: string }[];
}

/** Which fields to report. The kernel names the same ones in each read, so each is judged once. */
export class Fields {
  readonly #wanted: (key: string) => boolean;
  readonly #lines = new Map<string, Names>();

  constructor(wanted: (key: string) => boolean) {
    this.#wanted = wanted;
  }

  /** What a line of names says. */
  names(line: string): Names {
    const known = this.#lines.get(line);
    if (known !== undefined) return known;
    const [head = '', ...names] = words(line);
    const wanted = names.flatMap((name, column) => {
      const key = this.#judge(`${head.slice(0, -1)}_${name}`);
      return key === undefined ? [] : [{ column, key }];
    });
    const found = { head, count: names.length, wanted };
    if (this.#lines.size < mostKnown) this.#lines.set(line, found);
    return found;
  }

  /** The key of a name in snmp6, whose protocol ends with its first 6; undefined where it is not wanted. */
  keyOf(name: string): string | undefined {
    const protocolEnd = name.indexOf('6') + 1;
    return protocolEnd > 0 ? this.#judge(`${name.slice(0, protocolEnd)}_${name.slice(protocolEnd)}`) : undefined;
  }

  #judge(key: string): string | undefined {
    return /^\w+$/.test(key) && this.#wanted(key) ? key : undefined;
  }
}

// A kernel has some hundred; whatever writes others each time must not fill the memory.
const mostKnown = 1000;

/** Adds the wanted fields of a file that has a line of names before each line of values. */
export function parsePairedLines(source: string, text: string, fields: Fields, values: Map<string, number>): void {
  const all = lines(text);
  for (let index = 0; index < all.length; index += 2) {
    const { head, count, wanted } = fields.names(all[index]!);
    const line = all[index + 1] ?? '';
    if (
      !head.endsWith(':') ||
      !line.startsWith(`${head} `) ||
      takeColumns(line, head.length, wanted, values) !== count
    ) {
      throw malformed(source, `the names and the values of ${JSON.stringify(head)} differ in number`);
    }
  }
}

/** Adds the wanted columns of a line of values, in ascending order; gives the number of all. Most are not wanted. */
function takeColumns(line: string, from: number, wanted: Names['wanted'], values: Map<string, number>): number {
  let columns = 0;
  let next = 0;
  let at = from;
  for (;;) {
    while (isBlank(line.charCodeAt(at))) at += 1;
    if (at >= line.length) return columns;
    const start = at;
    while (at < line.length && !isBlank(line.charCodeAt(at))) at += 1;
    if (wanted[next]?.column === columns) {
      add(wanted[next]!.key, line.slice(start, at), values);
      next += 1;
    }
    columns += 1;
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function add(key: string, text: string | undefined, values: Map<string, number>): void {
  const value = integer(text);
  if (value !== undefined) values.set(key, value);
}
