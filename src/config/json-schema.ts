/** The configuration as a JSON Schema (draft 7), made from the same declarations that check it. */
import type { AnyCollector } from '../collector.ts';
import {
  checkFileOptions,
  checkOptions,
  commonOptions,
  moduleOptions,
  pluginList,
  type Registry,
  sections,
  settings,
} from './config.ts';
import { z } from './schema.ts';

type Json = Record<string, unknown>;

function schemaOf(schema: z.ZodType): Json {
  const { $schema: _version, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  });
  return rest;
}

function propertiesOf(schema: z.ZodObject): Json {
  return (schemaOf(schema)['properties'] ?? {}) as Json;
}

/** What stands below the name of a collector. */
function collectorProperties({ config, instances }: AnyCollector): Json {
  const common = propertiesOf(commonOptions);
  const own = { ...common, ...propertiesOf(config) };
  if (instances === undefined) return own;
  const { key, description } = instances;
  return { ...common, [key]: { type: 'array', description, items: { ...object(own), required: ['name'] } } };
}

function object(properties: Json, description?: string): Json {
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    properties,
    additionalProperties: false,
  };
}

/** The schema of a whole configuration. */
export function jsonSchema({ collectors, portable, probers }: Registry): Json {
  const probeOptions = Object.fromEntries(probers.map(({ name, config }) => [name, schemaOf(config)]));
  const collectorSchemas = Object.fromEntries(
    [...portable, ...collectors].map((collector) => [
      collector.name,
      {
        description: collector.summary,
        anyOf: [{ type: ['boolean', 'null'] }, object(collectorProperties(collector))],
      },
    ]),
  );
  const disableDefaults = { type: 'boolean', description: 'Turn off every collector that is not named.' };
  const module = { ...object({ ...propertiesOf(moduleOptions), ...probeOptions }), required: ['prober'] };
  const checkFile = { ...object({ ...propertiesOf(checkFileOptions), ...probeOptions }), required: ['files'] };
  const check = { ...object({ ...propertiesOf(checkOptions), ...probeOptions }), required: ['name'] };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'vitald configuration',
    ...object({
      ...Object.fromEntries(Object.entries(sections).map(([name, section]) => [name, schemaOf(section)])),
      ...propertiesOf(settings),
      collectors: object({ disable_defaults: disableDefaults, ...collectorSchemas }, 'Collectors, by name.'),
      modules: { type: 'object', description: 'How to probe, by name.', additionalProperties: module },
      check_files: {
        type: 'array',
        description: 'Files with more checks, or with groups of targets as Prometheus has them.',
        items: { anyOf: [{ type: 'string' }, checkFile] },
      },
      checks: { type: 'array', description: 'What to probe.', items: check },
      plugins: schemaOf(pluginList),
    }),
  };
}
