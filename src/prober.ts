/**
 * The contract of a prober: it asks one target one question, as a module says, and tells what came of it. Schedule,
 * deadline, labels, history and the families that every probe has (`probe_success`, `probe_duration_seconds`,
 * `probe_timeout_seconds`) are the daemon's work.
 *
 * A prober need not be one of this program: a definition in the registry, wherever it comes from, gets the same deadline,
 * the same secrets and the same series, on a schedule and at `/probe`. `collectors/probe/toolkit.ts` has the sockets, the
 * resolver and the TLS client to build it on.
 */
import type { Clock } from './clock.ts';
import type { FamilyHead, PluginOrigin, Sample } from './collector.ts';
import type { z } from './config/schema.ts';
import type { Logger } from './log.ts';
import type { OwnInstruments } from './own-instruments.ts';

/** Why a probe failed: a small fixed set, the same for all probers, so that it can be a label. */
export const failureReasons = [
  'dns',
  'connect',
  'tls',
  'timeout',
  'protocol',
  'status',
  'header',
  'body',
  'size',
  'redirect',
  'expired',
  'config',
] as const;

/** One of `failureReasons`. */
export type FailureReason = (typeof failureReasons)[number];

/** One question to one target. */
export interface ProbeRequest {
  /** As the config or the caller wrote it: a URL, a host, `host:port` or a path, as the prober takes it. */
  readonly target: string;
  /** Where given, the address that the target's host is taken to have; it is then not resolved. */
  readonly address?: string;
  /** The name to send as Host and server name in place of the target's own; `hostname` of `/probe`. */
  readonly hostname?: string;
  /** Aborts at the deadline; the prober then ends every socket and answers with `timeout` and what it has so far. */
  readonly signal: AbortSignal;
  /** What is left until the deadline at the start, in milliseconds. */
  readonly timeoutMs: number;
  /**
   * Whether an address may be dialled, asked for every address of every hop before it is dialled; absent where all may.
   * A refusal is the reason `config`, and so is a target that has no address to ask for.
   */
  readonly allows?: (address: string, port: number) => boolean;
  /** Hears each step, for a person who debugs a probe. Gets no secret and no body. */
  readonly trace?: (step: string, facts?: Readonly<Record<string, unknown>>) => void;
}

/** A certificate as a person reads it. */
export interface TracedCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** The names, addresses and URIs that it is for. */
  readonly names: readonly string[];
  /** Times in ISO 8601. */
  readonly valid_from: string;
  readonly valid_until: string;
}

/** The facts of the step `certificate` of a trace: what a handshake came to. */
export interface CertificateStep {
  /** Whom the certificate must be for. */
  readonly server_name: string;
  readonly version: string | undefined;
  readonly cipher: string | undefined;
  /** As the peer sent them, its own first. */
  readonly chain: readonly TracedCertificate[];
  /** What is wrong with them; undefined where nothing is. */
  readonly problem: string | undefined;
  /** Whether the probe goes on, as it does with a problem where the module says so. */
  readonly accepted: boolean;
}

/** What came of a probe. A target found down is an outcome, not an error. */
export type ProbeOutcome =
  | { readonly success: true; readonly samples: readonly Sample[] }
  | {
      readonly success: false;
      readonly reason: FailureReason;
      /** The phase that was under way, such as `connect`; one of the prober's phases. */
      readonly phase: string;
      /** What happened, for a log line and the status page; free of secrets, userinfo and queries of URLs. */
      readonly detail: string;
      readonly samples: readonly Sample[];
    };

/** A prober set up for one module. */
export interface Prober {
  /** Never rejects for what a target does; a rejection is a bug and is logged with its stack. */
  probe(request: ProbeRequest): Promise<ProbeOutcome>;
  close?(): void;
}

/** What a prober is handed when it is made. */
export interface ProberContext {
  readonly clock: Clock;
  /** A log that names the prober; structured fields first, then a sentence. */
  readonly log: Logger;
  /** For what it counts itself between probes, shared by all modules that set it up; made when first asked for. */
  readonly instruments: OwnInstruments;
}

/** A prober as it is declared: one value for each file of `collectors/probe/` that is named after one. */
export interface ProberDefinition<Options extends z.ZodObject = z.ZodObject> {
  /** The value of `prober:` in a module, and the key of its options there. */
  readonly name: string;
  readonly summary: string;
  /** Every family that it can serve, beside those that every probe has. */
  readonly families: readonly FamilyHead[];
  /** The phases of a probe in order, for the status page and for `ProbeOutcome.phase`. */
  readonly phases: readonly string[];
  /** The reasons whose counters start at 0; without it those that the names of the phases suggest. */
  readonly reasons?: readonly FailureReason[];
  /** The module's options below the prober's name, with blackbox_exporter's keys and defaults. */
  readonly config: Options;
  /** How many series a check may have unless the config says otherwise; no limit where absent. */
  readonly maxSeries?: number;
  create(config: z.output<Options>, context: ProberContext): Prober;
  /**
   * Every address of a target, for checks with `addresses: all`, which then get a request for each with `address` set;
   * absent where targets have none.
   */
  everyAddress?(target: string, config: z.output<Options>, signal: AbortSignal): Promise<EveryAddress>;
}

/** The addresses of a target, or why there are none. */
export type EveryAddress =
  | { readonly addresses: readonly string[] }
  | { readonly reason: FailureReason; readonly phase: string; readonly detail: string };

/** A definition whose options nobody needs to know: what registries and the daemon hold. */
export type AnyProber = Omit<ProberDefinition, 'create' | 'everyAddress'> & {
  /** Absent for what is built in. */
  readonly plugin?: PluginOrigin;
  create(config: never, context: ProberContext): Prober;
  everyAddress?(target: string, config: never, signal: AbortSignal): Promise<EveryAddress>;
};

/** Declares a prober; the compiler checks `create` against `config`. */
export function defineProber<Options extends z.ZodObject>(
  definition: ProberDefinition<Options>,
): ProberDefinition<Options> {
  return definition;
}
