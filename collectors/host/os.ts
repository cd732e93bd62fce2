/**
 * Which operating system the host runs, as its vendor says.
 *
 * Source  etc/os-release below the root file system, else usr/lib/os-release (os-release(5)): shell assignments.
 * Labels  the fields of the file in lower case; empty where it lacks one. id, id_like and name are on node_os_version too.
 */
import { defineCollector, gauge, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { Derived } from '../../src/system/derived.ts';
import { decimal } from '../../src/system/numbers.ts';
import type { Tree } from '../../src/system/tree.ts';

const info = gauge(
  'node_os_info',
  "A metric with a constant '1' value labeled by build_id, id, id_like, image_id, image_version, name, pretty_name, variant, variant_id, version, version_codename, version_id.",
  [
    'build_id',
    'id',
    'id_like',
    'image_id',
    'image_version',
    'name',
    'pretty_name',
    'variant',
    'variant_id',
    'version',
    'version_codename',
    'version_id',
  ],
);
const version = gauge('node_os_version', 'Metric containing the major.minor part of the OS version.', [
  'id',
  'id_like',
  'name',
]);
const supportEnd = gauge(
  'node_os_support_end_timestamp_seconds',
  'Metric containing the end-of-life date timestamp of the OS.',
);

export const os = defineCollector({
  name: 'os',
  summary: 'Which operating system the host runs, and until when it is supported.',
  source: '/etc/os-release, /usr/lib/os-release',
  enabled: true,
  schedule: '5m',
  families: [info, version, supportEnd],
  config: z.strictObject({}),
  create(_config, { system }) {
    const samples = new Derived<string, readonly Sample[]>();
    return {
      collect() {
        const text = readOsRelease(system.rootfs);
        return samples.of(text, () => samplesOf(parseOsRelease(text)));
      },
    };
  },
});

function samplesOf(fields: ReadonlyMap<string, string>): readonly Sample[] {
  const field = (name: string): string => fields.get(name) ?? '';
  const samples: Sample[] = [
    info.sample(1, {
      build_id: field('BUILD_ID'),
      id: field('ID'),
      id_like: field('ID_LIKE'),
      image_id: field('IMAGE_ID'),
      image_version: field('IMAGE_VERSION'),
      name: field('NAME'),
      pretty_name: field('PRETTY_NAME'),
      variant: field('VARIANT'),
      variant_id: field('VARIANT_ID'),
      version: field('VERSION'),
      version_codename: field('VERSION_CODENAME'),
      version_id: field('VERSION_ID'),
    }),
  ];
  const number = decimal(/^\d+\.?\d*/.exec(field('VERSION_ID'))?.[0]);
  if (number !== undefined && number > 0) {
    samples.push(version.sample(number, { id: field('ID'), id_like: field('ID_LIKE'), name: field('NAME') }));
  }
  const end = dateSeconds(field('SUPPORT_END'));
  if (end !== undefined) samples.push(supportEnd.sample(end));
  return samples;
}

function readOsRelease(rootfs: Tree): string {
  return rootfs.readIfPresent('etc/os-release')?.toString('utf8') ?? rootfs.text('usr/lib/os-release');
}

/** The assignments of an os-release file, unquoted; lines that are none are left out. */
export function parseOsRelease(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=(.*)$/.exec(line) ?? [];
    const unquoted = value === undefined ? undefined : unquote(value.trim());
    if (name !== undefined && unquoted !== undefined) fields.set(name, unquoted);
  }
  return fields;
}

// Parts of a value: in double quotes with escapes, in single quotes as they are, a comment, or one plain character.
const part = /"((?:[^"\\]|\\.)*)"|'([^']*)'|(?<=^|\s)#.*|\\(.)|([^"'\\])/y;

/** A value as a shell would read it; undefined where a quote is not closed. */
function unquote(value: string): string | undefined {
  let result = '';
  /** How much of the result was quoted, up to the last quote: its blanks stay. */
  let quoted = 0;
  part.lastIndex = 0;
  while (part.lastIndex < value.length) {
    const match = part.exec(value);
    if (match === null) return undefined;
    const [, double, single, escaped, plain] = match;
    result += double?.replaceAll(/\\(["\\$`])/g, '$1') ?? single ?? escaped ?? plain ?? '';
    if (plain === undefined && !match[0].startsWith('#')) quoted = result.length;
  }
  return result.slice(0, quoted) + result.slice(quoted).trimEnd();
}

/** Midnight UTC of a date such as `2028-06-30`, in seconds since 1970; undefined for anything else. */
function dateSeconds(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const ms = Date.parse(`${text}T00:00:00Z`);
  // JavaScript takes the 30th of February for the 2nd of March.
  const isDate = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
  return isDate ? ms / 1000 : undefined;
}
