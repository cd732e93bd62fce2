/** The address of a target: the one that the request names, as with checks of every address, else what its name gives. */
import type { EveryAddress, ProbeRequest } from '../../src/prober.ts';
import { ProbeFailure } from './failure.ts';
import type { ResolvedAddress } from './address.ts';
import { type AddressChoice, type Resolver, systemResolver, withFamily } from './resolve.ts';

/** The address to dial for the host of a target. */
export function addressOf(
  host: string,
  choice: AddressChoice,
  { signal, address }: Pick<ProbeRequest, 'signal' | 'address'>,
  resolver: Resolver = systemResolver,
): Promise<ResolvedAddress> {
  return address === undefined ? resolver.resolve(host, choice, signal) : Promise.resolve(withFamily(address));
}

/** For `everyAddress` of a prober: the addresses of a host; undefined where the target has none. */
export async function everyAddressOf(
  host: string | undefined,
  choice: AddressChoice,
  signal: AbortSignal,
): Promise<EveryAddress> {
  if (host === undefined) return { reason: 'config', phase: 'resolve', detail: 'the target names no host' };
  try {
    const found = await systemResolver.resolveAll(host, choice, signal);
    return { addresses: found.map(({ address }) => address) };
  } catch (error) {
    if (!(error instanceof ProbeFailure)) throw error;
    return { reason: error.reason, phase: 'resolve', detail: error.message };
  }
}

/** The host of a target that is a URL, or would be one with a scheme before it. */
export function hostOfUrl(target: string): string | undefined {
  const text = /^[a-z][a-z0-9+.-]*:\/\//iu.test(target) ? target : `http://${target}`;
  if (!URL.canParse(text)) return undefined;
  const { hostname } = new URL(text);
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
