/** The two families that say of any probe what came of it and how long it took, as blackbox_exporter has them. */
import { gauge, type Sample } from '../collector.ts';

const success = gauge('probe_success', 'Displays whether or not the probe was a success', ['address?']);
const duration = gauge('probe_duration_seconds', 'Returns how long the probe took to complete in seconds', [
  'address?',
]);

/** For the families of a check. */
export const verdictFamilies = [success, duration] as const;

/** Their samples; `address` where a check probes every address of its target. */
export function verdict(isSuccess: boolean, durationSeconds: number, address?: string): Sample[] {
  return [success.sample(isSuccess ? 1 : 0, { address }), duration.sample(durationSeconds, { address })];
}
