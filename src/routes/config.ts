/** `/config`: the config in force, as YAML, without secrets. */
import type { Config } from '../config/config.ts';
import { shownConfig } from '../config/shown.ts';
import type { Route } from './route.ts';

/** The route. A config with thousands of checks takes its time to be written, so that is done once. */
export function configRoute(configOf: () => Config): Route {
  const written = new WeakMap<Config, string>();
  return {
    path: '/config',
    methods: ['GET'],
    handle() {
      const config = configOf();
      let text = written.get(config);
      if (text === undefined) {
        text = shownConfig(config);
        written.set(config, text);
      }
      return { type: 'application/yaml; charset=utf-8', text };
    },
  };
}
