/** `POST /-/reload`, as every Prometheus program has it. */
import type { ReloadResult } from '../reload.ts';
import type { Route } from './route.ts';

/** What the route asks of the daemon. */
export interface ReloadSource {
  /** `web.enable_lifecycle` of the config in force. */
  readonly enabled: () => boolean;
  readonly reload: () => Promise<ReloadResult>;
}

/** The route; 405 for anything but POST, 403 where it is off, 500 with every mistake of the config. */
export function reloadRoute({ enabled, reload }: ReloadSource): Route {
  return {
    path: '/-/reload',
    async handle({ method }) {
      if (method !== 'POST' && method !== 'PUT') {
        return { status: 405, text: 'This endpoint requires a POST request.\n' };
      }
      if (!enabled()) {
        return { status: 403, text: 'Reload over HTTP is off; set web.enable_lifecycle to true, or send SIGHUP.\n' };
      }
      const result = await reload();
      if (result.ok) return { text: '' };
      return { status: 500, text: `failed to reload config: ${result.reason}\n` };
    },
  };
}
