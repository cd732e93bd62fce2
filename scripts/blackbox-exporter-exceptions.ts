/** Where vitald differs from blackbox_exporter on purpose, or one version of blackbox_exporter from the next. */
import type { Exception } from './compare-expositions.ts';

/** An exception for the modules whose name fits; for all without one. */
export interface ModuleException extends Exception {
  readonly modules?: RegExp;
}

/** Each with its reason; a comparison passes over what is listed here. */
export const blackboxExporterExceptions: readonly ModuleException[] = [
  {
    family: /^probe_http_duration_seconds$/,
    kinds: ['value'],
    modules: /^http$/,
    why: 'a handshake that failed took its time, as the connecting before it did; there both are 0',
  },
  {
    family: /^probe_ssl_last_chain_expiry_timestamp_seconds$/,
    kinds: ['missing', 'value'],
    modules: /_tls_blind$/,
    why: 'without verification a chain counts only where it would pass; there the time is that of the year 1',
  },
  {
    family: /^probe_ssl_earliest_cert_expiry$/,
    kinds: ['missing'],
    modules: /^grpc/,
    why: 'where no certificate came it is absent; there it is 0, long expired to an alert',
  },
  {
    family: /^probe_icmp_duration_seconds$/,
    kinds: ['value'],
    modules: /^icmp$/,
    why: 'a lookup that failed took its time; there it is 0',
  },
];

/** Labels by family that came after blackbox_exporter 0.23, with which Debian 12 comes. */
export const newerLabels: Readonly<Record<string, readonly string[]>> = {
  probe_ssl_last_chain_info: ['serialnumber'],
};
