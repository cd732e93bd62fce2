/** A collector that is asked again and again while a test runs. */
import { onTestFinished } from 'vitest';
import type { CollectorDefinition } from '../../src/collector.ts';
import type { z } from '../../src/config/schema.ts';
import type { System } from '../../src/system/index.ts';
import { type Exposed, start } from './expose.ts';

/** As `start`, for as long as the test runs. */
export function started<Options extends z.ZodObject>(
  definition: CollectorDefinition<Options>,
  host: string | System,
  options: z.input<Options> | Record<string, unknown> = {},
): Exposed {
  const exposed = start(definition, host, options);
  onTestFinished(() => exposed.close());
  return exposed;
}

/** The series of a scrape in which a part occurs, without the prefix that all share. */
export async function seriesOf(exposed: Exposed, part: string, prefix: string): Promise<string[]> {
  return (await exposed.scrape())
    .split('\n')
    .filter((line) => !line.startsWith('#') && line.includes(part))
    .map((line) => line.replace(prefix, ''));
}
