/**
 * What a plugin imports from `vitald`: the contract that the built-in collectors and probers are written to.
 *
 * A plugin is an ES module that exports one or several definitions, made by `defineCollector` and `defineProber`. It runs
 * inside the daemon, with the daemon's own copy of this module, and needs no package beside it.
 *
 * Units   Samples are in base units: seconds, bytes, ratios from 0 to 1. Numbers of milliseconds end in `Ms`.
 * Errors  `collect` throws `NoDataError` where the host has nothing to report, `CollectError` where the source cannot be
 *         read. `probe` answers with an outcome instead. Anything else that is thrown is a bug, logged with its stack; it
 *         costs that run and no other.
 * Version `apiVersion` grows by one when a plugin that was written for the version before may cease to work. A plugin may
 *         `export const apiVersion = 1`; one that declares a later version than the daemon's is refused.
 */

/** The version of this contract. */
export const apiVersion = 1;

// Collectors.
export {
  type Collector,
  type CollectorContext,
  type CollectorDefinition,
  CollectError,
  counter,
  defineCollector,
  familiesByKey,
  Family,
  type FamilyHead,
  type FamilyType,
  gauge,
  type LabelValues,
  malformed,
  NoDataError,
  type Sample,
  type Samples,
  untyped,
} from './collector.ts';
export type { CollectErrorCode } from './errors.ts';
export type { Logger } from './log.ts';
export type {
  CounterInstrument,
  GaugeInstrument,
  InstrumentLabels,
  ObserverInstrument,
  OwnInstruments,
} from './own-instruments.ts';
export type { Clock, FileSystems, FileSystemUsage, Paths, System, Tree } from './system/index.ts';

// Options: zod, and the kinds of value that configs of this field have.
export {
  duration,
  includeExclude,
  list,
  nameFilter,
  type NameFilter,
  pattern,
  type Pattern,
  patternWithDefault,
  schedule,
  type Schedule,
  Secret,
  secret,
  z,
} from './config/schema.ts';

// Probers, and the sockets to build them on.
export {
  defineProber,
  type EveryAddress,
  type FailureReason,
  failureReasons,
  type Prober,
  type ProberContext,
  type ProberDefinition,
  type ProbeOutcome,
  type ProbeRequest,
} from './prober.ts';
export {
  addressChoiceOptions,
  addressFamilies,
  addressOf,
  addressSamples,
  dial,
  type Dialled,
  everyAddressOf,
  outcomeOfProbe,
  ProbeFailure,
  splitHostPort,
  TlsClient,
  tlsConfigOptions,
  tlsFamilies,
  tlsSamples,
} from '../collectors/probe/toolkit.ts';
