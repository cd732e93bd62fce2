/** Where vitald differs from node_exporter on purpose, or one version of node_exporter from the next. */
import type { Exception } from './compare-expositions.ts';

/** Each with its reason; a comparison passes over what is listed here. */
export const nodeExporterExceptions: readonly Exception[] = [
  { family: /^(?:go_|promhttp_)/, kinds: ['missing'], why: 'facts about a Go process, which vitald is not' },
  {
    family: /^(?:process_|nodejs_)/,
    kinds: ['missing', 'help', 'value', 'type'],
    why: 'each program tells of its own process',
  },
  {
    family: /^node_exporter_build_info$/,
    kinds: ['labels', 'series', 'value'],
    why: 'each program tells its own version',
  },
  {
    family: /^node_scrape_collector_/,
    kinds: ['series', 'value'],
    why: 'vitald has more collectors on, and each its own timing',
  },
  {
    family: /^node_processes_(?:threads_)?state$/,
    kinds: ['series', 'value'],
    why: 'a state lasts for a moment, and each program runs while it looks',
  },
  {
    family: /^node_disk_info$/,
    kinds: ['labels', 'series'],
    why: 'the label rotational came after node_exporter 1.5',
  },
  {
    family: /^node_network_info$/,
    kinds: ['labels', 'series'],
    why: 'the label adminstate came after node_exporter 1.5',
  },
  {
    family: /^node_network_route_info$/,
    kinds: ['labels', 'series'],
    why: 'the text tables of the kernel name neither the origin of a route nor its source address',
  },
  { family: /^node_ksmd_/, kinds: ['help'], why: 'the help texts were written after node_exporter 1.5' },
  {
    family: /^node_tcp_connection_states$/,
    kinds: ['series', 'value'],
    why: 'a state that no connection is in is 0, not absent; a scrape sees its own connection',
  },
  { family: /^node_time_seconds$/, kinds: ['value'], why: 'the time of the collection' },
];
