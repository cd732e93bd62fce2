/** `/probe`: a probe on demand, by blackbox_exporter's contract, of what the config allows. */
import { addressRules, type Allows } from '../address-rules.ts';
import type { Config, ModuleConfig } from '../config/config.ts';
import { redactTarget } from '../config/redact.ts';
import { Secret } from '../config/schema.ts';
import { shownModule, shownYaml } from '../config/shown.ts';
import { Encoder } from '../exposition/encode.ts';
import { formatBlocks } from '../exposition/format.ts';
import { probeOnDemand, type DemandResult, type DemandTools } from '../probe-on-demand.ts';
import { decimal } from '../system/numbers.ts';
import { queryValue, type Route, type RouteAnswer, type RouteRequest } from './route.ts';

/** What a scrape has where Prometheus does not say; blackbox_exporter's figure. */
const defaultTimeoutSeconds = 120;

/** A timer that is set for longer fires at once. */
const longestTimeoutMs = 2 ** 31 - 1;

/** More than these in line at the gate would not be answered in time anyway. */
const longestLine = 1000;

/**
 * The time that a probe may take, as blackbox_exporter reckons it: what is left of the scrape after the offset, or the
 * module's where that is less. A scrape that leaves nothing gives the module's too; without one blackbox_exporter's
 * probe would end at once, and here it gets half of the scrape. Undefined where the header is no number.
 */
export function demandTimeoutMs(
  header: string | undefined,
  { timeoutMs: own }: Pick<ModuleConfig, 'timeoutMs'>,
  offsetMs: number,
): number | undefined {
  const given = header === undefined || header === '' ? 0 : decimal(header);
  if (given === undefined || !Number.isFinite(given)) return undefined;
  const scrapeMs = (given === 0 ? defaultTimeoutSeconds : given) * 1000;
  const leftMs = scrapeMs - offsetMs;
  if (leftMs > 0) return Math.min(own ?? Infinity, leftMs, longestTimeoutMs);
  if (own !== undefined) return own;
  // No scrape takes less than no time.
  return scrapeMs > 0 ? scrapeMs / 2 : defaultTimeoutSeconds * 1000 - offsetMs;
}

/** What the route asks of the daemon. */
export interface ProbeSource extends DemandTools {
  readonly config: () => Config;
}

/** The route. */
export function probeRoute(source: ProbeSource): Route {
  let rules: { of: Config; allows: Allows } | undefined;
  const allowsOf = (config: Config): Allows => {
    if (rules?.of !== config) rules = { of: config, allows: addressRules(config.probe.targets) };
    return rules.allows;
  };
  return {
    path: '/probe',
    async handle(request) {
      const config = source.config();
      const { probe } = config;
      if (!probe.enabled)
        return refusal(403, 'Probes on demand are off; set probe.enabled, probe.modules and probe.targets.');
      const demand = readDemand(request, config);
      if ('status' in demand) return demand;
      if (source.gate.waiting >= longestLine) return refusal(503, 'Too many probes are in line; try again later.');
      const steps: string[] = [];
      let refused = false;
      const allows = allowsOf(config);
      const result = await probeOnDemand(
        {
          ...demand,
          signal: request.signal,
          allows: (address, port) => {
            const allowed = allows(address, port);
            refused ||= !allowed;
            return allowed;
          },
          ...(demand.debug ? { trace: (step, facts) => void steps.push(stepLine(step, facts)) } : {}),
        },
        source,
      );
      const { outcome } = result;
      if (demand.debug) return { text: debugText(demand, result, steps) };
      // A scrape that says why is easier to mend than a target that seems down.
      if (refused && !outcome.success && outcome.reason === 'config') {
        return refusal(403, 'The target has an address or a port that probe.targets does not allow.');
      }
      return { type: 'text/plain; version=0.0.4; charset=utf-8', text: metricsText(result) };
    },
  };
}

function refusal(status: number, text: string): RouteAnswer & { status: number } {
  return { status, text: `${text}\n` };
}

interface ReadDemand {
  readonly module: ModuleConfig;
  readonly target: string;
  readonly hostname?: string;
  readonly timeoutMs: number;
  readonly debug: boolean;
}

/** What a request asks for, or why it cannot be had; in blackbox_exporter's order and words. */
function readDemand(
  { query, headers }: RouteRequest,
  { modules, probe }: Config,
): ReadDemand | (RouteAnswer & { status: number }) {
  const name = queryValue(query, 'module') || 'http_2xx';
  const module = modules.get(name);
  if (module === undefined) return refusal(400, `Unknown module ${JSON.stringify(name)}`);
  if (!probe.modules.includes(name)) return refusal(403, `The module ${JSON.stringify(name)} is not in probe.modules.`);
  const header = headers['x-prometheus-scrape-timeout-seconds'];
  const timeoutMs = demandTimeoutMs(Array.isArray(header) ? header[0] : header, module, probe.timeout_offset);
  if (timeoutMs === undefined) return refusal(500, 'Failed to parse timeout from Prometheus header: not a number');
  const target = queryValue(query, 'target');
  if (target === '') return refusal(400, 'Target parameter is missing');
  const hostname = queryValue(query, 'hostname');
  if (hostname !== '' && configuredHost(module) !== undefined && configuredHost(module) !== hostname) {
    // The configured value is not repeated, as a header may hold a secret.
    return refusal(400, "host header defined both in module configuration and with URL-parameter 'hostname'");
  }
  const debug = queryValue(query, 'debug') === 'true';
  return { module, target, timeoutMs, debug, ...(hostname === '' ? {} : { hostname }) };
}

/** The Host header that a module sets by itself, as the http prober's option `headers` can. */
function configuredHost({ options }: ModuleConfig): string | undefined {
  const { headers } = options as { headers?: unknown };
  if (typeof headers !== 'object' || headers === null) return undefined;
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === 'host')?.[1] as unknown;
  return found instanceof Secret ? found.reveal() : undefined;
}

function metricsText({ samples }: DemandResult): string {
  return formatBlocks(new Encoder().encode(samples));
}

function stepLine(step: string, facts: Readonly<Record<string, unknown>> = {}): string {
  const pairs = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [` ${name}=${JSON.stringify(value)}`],
  );
  return `${step}${pairs.join('')}`;
}

function debugText({ module, target, timeoutMs }: ReadDemand, result: DemandResult, steps: readonly string[]): string {
  const { outcome, durationSeconds } = result;
  const took = `duration_seconds=${durationSeconds}`;
  const end = outcome.success
    ? `probe succeeded ${took}`
    : stepLine('probe failed', { reason: outcome.reason, phase: outcome.phase, detail: outcome.detail }) + ` ${took}`;
  const start = stepLine('probe begins', {
    module: module.name,
    prober: module.prober.name,
    target: redactTarget(target),
    timeout_seconds: timeoutMs / 1000,
  });
  const logs = [start, ...steps, end].join('\n');
  return `Logs for the probe:
${logs}



Metrics that would have been returned:
${metricsText(result)}


Module configuration:
${shownYaml(shownModule(module))}`;
}
