/**
 * A probe of every address that the name of a target resolves to, each by itself and all at once, so that one bad
 * server behind a name is seen. Series carry the address as a label.
 */
import { Family, type FamilyHead, type Sample } from '../collector.ts';
import type { Clock } from '../clock.ts';
import type { ModuleConfig } from '../config/config.ts';
import type { Prober, ProbeOutcome, ProbeRequest } from '../prober.ts';
import { verdict } from './verdict.ts';

// A name with more is not what this is for, and each address is a set of series.
const mostAddresses = 32;

const withAddress = new WeakMap<FamilyHead, Family<string>>();

/** The family with one more label. */
function labelled(family: FamilyHead): Family<string> {
  let known = withAddress.get(family);
  if (known === undefined) {
    known = new Family(family.name, family.type, family.help, [...family.labelNames, 'address']);
    withAddress.set(family, known);
  }
  return known;
}

/** What came of all of them, and for each what `verdict` says; no `each` where the name could not be resolved. */
export interface EveryAddress {
  readonly outcome: ProbeOutcome;
  readonly each: readonly Sample[] | undefined;
}

/** Probes every address; a success only if all are. */
export async function probeEveryAddress(
  { prober: definition, options }: ModuleConfig,
  prober: Prober,
  request: ProbeRequest,
  clock: Clock,
): Promise<EveryAddress> {
  const found = await definition.everyAddress!(request.target, options as never, request.signal);
  if ('reason' in found) return { outcome: { ...found, success: false, samples: [] }, each: undefined };
  const addresses = found.addresses.slice(0, mostAddresses);
  const each: Sample[] = [];
  const samples: Sample[] = [];
  let failed: Extract<ProbeOutcome, { success: false }> | undefined;
  const outcomes = await Promise.all(
    addresses.map(async (address) => {
      const startedAt = clock.monotonic();
      const outcome = await prober.probe({ ...request, address });
      return { address, outcome, seconds: (clock.monotonic() - startedAt) / 1000 };
    }),
  );
  for (const { address, outcome, seconds } of outcomes) {
    each.push(...verdict(outcome.success, seconds, address));
    for (const { family, labels, ...rest } of outcome.samples) {
      samples.push({ ...rest, family: labelled(family), labels: { ...labels, address } });
    }
    if (!outcome.success) failed ??= { ...outcome, detail: `${address}: ${outcome.detail}` };
  }
  return { outcome: failed === undefined ? { success: true, samples } : { ...failed, samples }, each };
}
