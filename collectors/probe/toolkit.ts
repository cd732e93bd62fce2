/**
 * What the prober of a plugin may build on, so that its probes behave as the built-in ones: no name is resolved in a
 * thread pool, nothing is shared between two probes, everything ends at the deadline, and nothing is dialled that the
 * caller does not allow. Plugins import it from `vitald`, by `src/plugin-api.ts`.
 *
 * Such a prober is declared by `defineProber`. The daemon gives it what every prober gets: options that were checked,
 * credentials as `Secret`, an absolute deadline as `request.signal`, a place at the gate, and all series of a check.
 * It throws `ProbeFailure` where it cannot go on, and `outcomeOfProbe` makes that the outcome.
 */
import type { ProbeOutcome } from '../../src/prober.ts';
import type { Sample } from '../../src/collector.ts';
import { failedOutcome } from './failure.ts';

export { addressFamilies, addressSamples } from './address.ts';
export { dial, type Dialled } from './dial.ts';
export { addressOf, everyAddressOf } from './each-address.ts';
export { ProbeFailure } from './failure.ts';
export { addressChoiceOptions } from './resolve.ts';
export { splitHostPort } from './tcp-target.ts';
export { TlsClient, tlsConfigOptions, tlsFamilies, tlsSamples } from './tls.ts';

/** The outcome of a probe that runs to its end, or fails with a `ProbeFailure`; `found` gives what is known by then. */
export async function outcomeOfProbe(
  run: () => Promise<void>,
  found: () => { readonly phase: string; readonly samples: readonly Sample[] },
): Promise<ProbeOutcome> {
  try {
    await run();
    return { success: true, samples: found().samples };
  } catch (error) {
    const { phase, samples } = found();
    return failedOutcome(error, phase, samples);
  }
}
