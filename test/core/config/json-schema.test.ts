import { describe, expect, test } from 'vitest';
import { jsonSchema } from '../../../src/config/json-schema.ts';
import { smallRegistry } from '../../support/registry.ts';

interface Node {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Record<string, Node>;
  readonly additionalProperties?: Node | boolean;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
}

const schema: Node & { readonly $schema?: unknown } = jsonSchema(smallRegistry);

/** The schema at a path of property names. */
function at(...path: string[]): Node | undefined {
  let node: Node | undefined = schema;
  for (const key of path)
    node = (node?.properties ?? node?.anyOf?.find(({ properties }) => properties)?.properties)?.[key];
  return node;
}

describe('the schema', () => {
  test('is one of draft 7, as editors read it', () => {
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });

  test('has every section, and takes no other key', () => {
    expect(Object.keys(schema.properties ?? {})).toEqual(
      expect.arrayContaining([
        'web',
        'path',
        'log',
        'defaults',
        'scheduling',
        'source',
        'collectors',
        'modules',
        'checks',
      ]),
    );
    expect(schema.additionalProperties).toBe(false);
  });

  test('describes every option as it is written, not as it is read', () => {
    expect(at('log', 'level')).toMatchObject({
      enum: ['debug', 'info', 'warn', 'error'],
      default: 'info',
      description: 'The least severe messages to write.',
    });
    expect(at('defaults', 'timeout')).toMatchObject({ type: 'string' });
    expect(at('defaults')?.required ?? []).toEqual([]);
  });

  test('lets a collector be switched or be given its own options and those that all have', () => {
    expect(at('collectors', 'mail_queues')).toMatchObject({
      description: 'Queues of a mail server.',
      anyOf: [{ type: ['boolean', 'null'] }, { type: 'object', additionalProperties: false }],
    });
    expect(at('collectors', 'mail_queues', 'schedule')).toMatchObject({ type: 'string', description: 'When it runs.' });
    expect(at('collectors', 'mail_queues', 'depth')).toMatchObject({
      type: 'integer',
      minimum: 1,
      maximum: 9,
      default: 3,
    });
    expect(at('collectors', 'mail_queues', 'password')).toMatchObject({ type: 'string' });
    expect(at('collectors', 'nobody')).toBeUndefined();
  });

  test('has the options of each prober below its name, in modules and over them in checks', () => {
    const module = at('modules')?.additionalProperties as Node;
    const check = at('checks')?.items;

    expect(module.required).toEqual(['prober']);
    expect(module.properties?.['http']?.properties?.['method']).toMatchObject({ enum: ['GET', 'HEAD', 'POST'] });
    expect(check?.required).toEqual(['name']);
    expect(check?.properties?.['http']).toEqual(module.properties?.['http']);
    expect(check?.additionalProperties).toBe(false);
  });
});
