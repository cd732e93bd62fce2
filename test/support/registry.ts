/** A small registry for tests of the configuration: two collectors and one prober that do nothing. */
import { defineCollector } from '../../src/collector.ts';
import type { Registry } from '../../src/config/config.ts';
import { includeExclude, patternWithDefault, secret, z } from '../../src/config/schema.ts';
import { defineProber } from '../../src/prober.ts';

const disks = defineCollector({
  name: 'disks',
  summary: 'Disks of the host.',
  source: '/proc/disks',
  enabled: true,
  families: [],
  config: z.strictObject({
    ...includeExclude('device', 'devices'),
    ignored: patternWithDefault('^ram').describe('Regexp of devices to leave out.'),
    size_factor: z.number().default(1).describe('What sizes are multiplied by.'),
    extended: z.boolean().default(false).describe('Report more.'),
  }),
  create: () => ({ collect: () => [] }),
});

const queues = defineCollector({
  name: 'mail_queues',
  summary: 'Queues of a mail server.',
  source: 'the mail server',
  enabled: false,
  schedule: '1m',
  timeout: '10s',
  families: [],
  config: z.strictObject({
    url: z.string().optional().describe('Where the server is.'),
    password: secret().optional().describe('What to log in with.'),
    depth: z.int().min(1).max(9).default(3).describe('How deep to look.'),
  }),
  create: () => ({ collect: () => [] }),
});

const http = defineProber({
  name: 'http',
  summary: 'Asks a web server.',
  families: [],
  phases: ['resolve', 'connect'],
  config: z.strictObject({
    method: z.enum(['GET', 'HEAD', 'POST']).default('GET').describe('The method.'),
    valid_status_codes: z.array(z.int()).default([]).describe('The codes that are good.'),
    headers: z.record(z.string(), z.string()).default({}).describe('Headers to send.'),
    body: patternWithDefault('').describe('What the body must have.'),
    basic_auth: z
      .strictObject({ username: z.string(), password: secret().optional() })
      .optional()
      .describe('User and password.'),
  }),
  create: () => ({ probe: () => Promise.resolve({ success: true, samples: [] }) }),
});

/** What these tests can configure. */
export const smallRegistry: Registry = { collectors: [disks, queues], portable: [], probers: [http] };
