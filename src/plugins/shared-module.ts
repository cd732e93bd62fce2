/**
 * Makes `import 'vitald'` mean this very program, wherever the file that says so lies: a plugin then shares its classes
 * and its zod, needs no `node_modules`, and cannot bring another version along by mistake.
 *
 * Nothing of this is done before a config names a plugin. Where Node.js has `registerHooks` (22.15 and later) the hook
 * runs in this thread; Node.js 20 runs it in a thread of its own.
 */
import module from 'node:module';

const place = Symbol.for('vitald.plugin-api');

/** What `registerHooks` takes; the types of Node.js 20 do not know it yet. */
interface HooksInThread {
  readonly registerHooks?: (hooks: { readonly resolve: unknown }) => void;
}

function dataUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

/** A module that exports under their names what the program put in its place. */
function apiUrl(names: readonly string[]): string {
  return dataUrl(`export const { ${names.join(', ')} } = globalThis[Symbol.for('vitald.plugin-api')];`);
}

/**
 * The hook as a text, since Node.js 20 loads it in another thread. A file of a plugin is an ES module whatever lies beside
 * it, and what it imports by a relative path is loaded anew with it; both are known by the query. Packages are left alone.
 */
function hookUrl(api: string): string {
  return dataUrl(`
const api = ${JSON.stringify(api)};
const queryOf = (url = '') => /\\?vitald=\\d+$/.exec(url)?.[0];
export function resolve(specifier, context, next) {
  if (specifier === 'vitald') return { url: api, format: 'module', shortCircuit: true };
  const query = queryOf(specifier) ?? (/^\\.\\.?\\//.test(specifier) ? queryOf(context.parentURL) : undefined);
  const found = next(specifier, context);
  if (query === undefined) return found;
  const ofPlugin = (each) => {
    if (!/^file:.*\\.m?[jt]s(?:\\?|$)/.test(each.url) || each.url.includes('/node_modules/')) return each;
    const format = each.url.replace(/\\?.*$/, '').endsWith('.js') ? { format: 'module' } : {};
    return { ...each, ...format, url: queryOf(each.url) === undefined ? each.url + query : each.url };
  };
  return typeof found.then === 'function' ? found.then(ofPlugin) : ofPlugin(found);
}`);
}

async function share(): Promise<void> {
  const api: object = await import('../plugin-api.ts');
  Object.assign(globalThis, { [place]: api });
  const url = hookUrl(apiUrl(Object.keys(api)));
  const { registerHooks } = module as HooksInThread;
  if (registerHooks === undefined) module.register(url);
  else registerHooks({ resolve: ((await import(url)) as { resolve: unknown }).resolve });
}

let shared: Promise<void> | undefined;

/** Does so once; resolves when a plugin may be imported. */
export function sharePluginApi(): Promise<void> {
  shared ??= share();
  return shared;
}
