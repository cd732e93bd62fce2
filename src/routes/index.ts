/** The routes beside the metrics and the two for probes of health. */
import type { Config } from '../config/config.ts';
import type { ReloadResult } from '../reload.ts';
import type { DemandTools } from '../probe-on-demand.ts';
import { packaged } from '../package-root.ts';
import { apiRoutes, type ApiRouteSource } from './api.ts';
import { badgeRoute } from './badge.ts';
import { configRoute } from './config.ts';
import { pageRoutes } from './page.ts';
import { probeRoute } from './probe.ts';
import { reloadRoute } from './reload.ts';
import type { Route } from './route.ts';

/** What the routes ask of the daemon. */
export interface RouteSource extends DemandTools {
  /** The config in force. */
  readonly config: () => Config;
  readonly reload: (cause: string) => Promise<ReloadResult>;
  readonly api: ApiRouteSource['api'];
}

/** All of them. */
export function routesOf(source: RouteSource): Route[] {
  return [
    reloadRoute({
      enabled: () => source.config().web.enable_lifecycle,
      reload: () => source.reload('POST /-/reload'),
    }),
    probeRoute(source),
    configRoute(source.config),
    ...apiRoutes({ api: source.api, enabled: () => source.config().web.api }),
    badgeRoute({ api: source.api, enabled: () => source.config().web.badges }),
    ...pageRoutes(packaged('dist/page'), () => source.config().web.api),
  ];
}
