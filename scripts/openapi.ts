/** Renders `config/openapi.json` from the routes of the API and their schemas. */
import { fastifySwagger } from '@fastify/swagger';
import fastify from 'fastify';
import { apiRoutes } from '../src/routes/api.ts';
import { apiSchemas, routeSchemas } from './api-schemas.ts';

async function render(): Promise<string> {
  const app = fastify();
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'vitald',
        version: '1',
        description:
          'What the status page shows. Moments are milliseconds since 1970, lengths of time are seconds, shares are ratios.',
        license: { name: 'MIT' },
      },
      components: { securitySchemes: { users: { type: 'http', scheme: 'basic' } } },
      // Users are only asked for where web.config_file has some.
      security: [{}, { users: [] }],
    },
    refResolver: {
      buildLocalReference: ({ $id }, _base, _fragment, index) => (typeof $id === 'string' ? $id : `s${index}`),
    },
  });
  for (const [$id, schema] of Object.entries(apiSchemas)) app.addSchema({ $id, ...schema });
  const api = undefined as never;
  for (const { path } of apiRoutes({ api, enabled: () => true })) {
    const schema = routeSchemas[path];
    if (schema === undefined) throw new Error(`${path} has no schema`);
    app.route({ method: 'GET', url: path, exposeHeadRoute: false, schema, handler: () => {} });
  }
  await app.ready();
  const text = JSON.stringify(app.swagger(), null, 2);
  await app.close();
  return `${text}\n`;
}

/** The document. */
export const openApi = await render();
