/** The page for people: each check and each collector with its last run. */
import { redactTarget } from './config/redact.ts';
import { messageOf } from './errors.ts';
import type { Slot } from './slot.ts';

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character]!);
}

function row(cells: readonly string[], className: string): string {
  return `<tr class="${className}">${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
}

function seconds(value: number): string {
  return value < 1 ? `${(value * 1000).toFixed(1)} ms` : `${value.toFixed(2)} s`;
}

function ago(now: number, then: number): string {
  return `${Math.max(0, Math.round((now - then) / 1000))} s ago`;
}

function stateOf(slot: Slot): { state: string; reason: string } {
  if (slot.last === undefined) return { state: 'waiting', reason: 'has not run yet' };
  // What an unforeseen error says may hold anything; what the check says of itself is fit to be shown.
  const outcome = slot.kind === 'check' ? slot.check.state?.outcome : undefined;
  if (outcome !== undefined) {
    if (!outcome.success) return { state: 'down', reason: `${outcome.reason}: ${outcome.detail}` };
    return { state: 'up', reason: '' };
  }
  const { result, error } = slot.last;
  return { state: result === 'success' ? 'ok' : result, reason: error === undefined ? '' : messageOf(error) };
}

function table(title: string, heads: readonly string[], rows: readonly string[]): string {
  if (rows.length === 0) return '';
  const head = heads.map((text) => `<th scope="col">${text}</th>`).join('');
  return `<h2>${title}</h2><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function slotRow(slot: Slot, now: number): string {
  const { state, reason } = stateOf(slot);
  const last = slot.last === undefined ? ['', ''] : [ago(now, slot.last.endedAt), seconds(slot.last.durationSeconds)];
  const what = slot.kind === 'check' ? [slot.name, redactTarget(slot.check.config.target)] : [slot.name];
  return row([...what, state, ...last, slot.timing.schedule.source, reason], state);
}

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; }
.down td, .error td, .timeout td, .malformed td, .duplicate td { color: #c62828; }
.no_data td, .waiting td { opacity: .6; }
@media (prefers-color-scheme: dark) { .down td, .error td, .timeout td { color: #ff8a80; } }
`;

/** The page as HTML; every name and reason in it is escaped. */
export function statusPage({ slots, now, version }: { slots: readonly Slot[]; now: number; version: string }): string {
  const of = (kind: Slot['kind']): string[] =>
    slots.filter((slot) => slot.kind === kind).map((slot) => slotRow(slot, now));
  const failing = slots.filter((slot) => slot.failing).length;
  const heads = ['State', 'Last run', 'Took', 'Schedule', 'Reason'];
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>vitald</title><meta name="viewport" content="width=device-width"><style>${style}</style></head>
<body>
<h1>vitald ${escapeHtml(version)}</h1>
<p>${failing === 0 ? 'All is well.' : `${failing} failing.`} <a href="/metrics">Metrics</a></p>
${table('Checks', ['Check', 'Target', ...heads], of('check'))}
${table('Collectors', ['Collector', ...heads], of('collector'))}
</body>
</html>
`;
}
