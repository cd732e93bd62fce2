/**
 * CEL expressions over the JSON of a response. The package is loaded when the first module needs it.
 *
 * Its `matches` runs on the native RegExp, which a hostile body can hold for minutes, and cannot be replaced by
 * registering another one. So each expression is rewritten to call a function of ours, which is linear.
 */
import type { ASTNode, Environment, serialize } from '@marcbachmann/cel-js';
import { EngineMissing, loadPatternEngine } from '../../src/config/pattern.ts';
import { messageOf } from '../../src/errors.ts';

/** A compiled expression. */
export interface CelProgram {
  /** True or false, or why there is neither. */
  evaluate(body: unknown): boolean | { readonly problem: string };
}

interface Engine {
  readonly environment: Environment;
  readonly serialize: typeof serialize;
}

const linearMatches = 'vitald_matches';

let engine: Engine | undefined;

/** Loads what CEL expressions need; resolves at once when it is loaded already. */
export async function loadCelEngine(): Promise<void> {
  if (engine !== undefined) return;
  const [cel, RE2JS] = await Promise.all([import('@marcbachmann/cel-js'), loadPatternEngine()]);
  let last: { readonly source: string; test(text: string): boolean } | undefined;
  const matches = (text: unknown, source: unknown): boolean => {
    if (typeof text !== 'string' || typeof source !== 'string') throw new Error('matches() takes two strings');
    if (last?.source !== source) {
      const compiled = RE2JS.compile(source);
      last = { source, test: (input) => compiled.matcher(input).find() };
    }
    return last.test(text);
  };
  const environment = new cel.Environment({ limits: { maxAstNodes: 2000 } })
    .registerVariable('body', 'dyn')
    .registerFunction(`${linearMatches}(dyn, dyn): bool`, matches);
  engine = { environment, serialize: cel.serialize };
}

/** What is wrong with an expression; undefined for a good one. Throws `EngineMissing` as long as the engine is not loaded. */
export function celProblem(source: string): string | undefined {
  if (engine === undefined) throw new EngineMissing(source, loadCelEngine);
  try {
    compile(engine, source);
    return undefined;
  } catch (error) {
    return firstLine(error);
  }
}

/** Compiles an expression; rejects with what is wrong with it. */
export async function compileCel(source: string): Promise<CelProgram> {
  await loadCelEngine();
  const run = compile(engine!, source);
  return {
    evaluate(body) {
      try {
        const value: unknown = run({ body });
        return typeof value === 'boolean' ? value : { problem: 'the expression did not give a boolean' };
      } catch (error) {
        return { problem: firstLine(error) };
      }
    },
  };
}

function compile({ environment, serialize: toText }: Engine, source: string): (context: { body: unknown }) => unknown {
  const parsed = environment.parse(source);
  const rewritten = withLinearMatches(parsed.ast) ? environment.parse(toText(parsed.ast)) : parsed;
  const { valid, error, type } = rewritten.check();
  if (!valid) throw error ?? new Error('the expression is not valid');
  if (type !== 'bool' && type !== 'dyn') throw new Error(`the expression gives ${type}, not a boolean`);
  return rewritten;
}

/** Turns every `text.matches(regexp)` and `matches(text, regexp)` into a call of ours; true where there was one. */
function withLinearMatches(value: unknown): boolean {
  let changed = false;
  if (Array.isArray(value)) {
    for (const item of value) changed = withLinearMatches(item) || changed;
    return changed;
  }
  if (!isNode(value)) return false;
  const node = value as { op: string; args: unknown };
  changed = withLinearMatches(node.args);
  if (!Array.isArray(node.args) || node.args[0] !== 'matches') return changed;
  const args = node.args as unknown[];
  if (node.op === 'rcall') {
    node.op = 'call';
    node.args = [linearMatches, [args[1], ...(args[2] as unknown[])]];
    return true;
  }
  if (node.op === 'call') {
    node.args = [linearMatches, args[1]];
    return true;
  }
  return changed;
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0] ?? '';
}
