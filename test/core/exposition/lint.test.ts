import { describe, expect, test } from 'vitest';
import { gauge } from '../../../src/collector.ts';
import { lint, lintUndeclared } from '../../../src/exposition/lint.ts';
import { parseExposition } from '../../../src/exposition/parse.ts';

/** What is found in a family of this name and type with these samples, each written behind the name. */
function found(name: string, type = 'gauge', samples: readonly string[] = [' 1'], help = 'A help.'): string[] {
  const lines = samples.map((sample) => `${name}${sample}\n`).join('');
  const text = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines}`;
  return lint(parseExposition(text)).map(({ family, message }) => {
    expect(family).toBe(name);
    return message;
  });
}

describe('the lint finds nothing in', () => {
  test.each([
    ['acme_jobs', 'gauge', [' 3']],
    ['acme_jobs_total', 'counter', [' 3']],
    ['acme_wait_seconds', 'gauge', ['{queue="mail"} 0.5']],
    ['acme_sent_bytes_total', 'counter', [' 7']],
    ['acme_build_info', 'gauge', ['{version="1.2"} 1']],
    ['acme_end_timestamp_seconds', 'gauge', [' 1700000000']],
    ['acme_full_ratio', 'gauge', [' 0.5']],
    ['acme_retries_total', 'untyped', [' 5']],
    ['acme_size_bytes', 'histogram', ['_bucket{le="1"} 1', '_bucket{le="+Inf"} 1', '_sum 1', '_count 1']],
    ['acme_took_seconds', 'summary', ['{quantile="0.5"} 1', '_sum 1', '_count 1']],
  ])('%s, a %s', (name, type, samples) => {
    expect(found(name, type, samples)).toEqual([]);
  });
});

describe('the lint finds', () => {
  test.each<[what: string, findings: string[], message: string]>([
    ['a counter without _total', found('acme_jobs', 'counter'), 'a counter should have a name that ends in _total'],
    ['a gauge with _total', found('acme_jobs_total'), 'only a counter should end in _total, and this is a gauge'],
    ['no help', found('acme_jobs', 'gauge', [' 1'], ''), 'has no help text'],
    ['a colon', found('acme:jobs'), 'a colon in a name is for recording rules'],
    ['camelCase', found('acme_jobCount'), 'a name should be in snake_case, not in camelCase'],
    [
      'a suffix of a histogram',
      found('acme_jobs_count'),
      'a name that ends in _count is for parts of a histogram or a summary',
    ],
    [
      'the type in the name',
      found('acme_gauge_jobs'),
      'a name should not contain the word gauge; the TYPE line says it',
    ],
    ['milliseconds', found('acme_wait_ms'), 'the unit ms should be seconds'],
    ['hours', found('acme_wait_hours'), 'the unit hours should be seconds'],
    ['megabytes', found('acme_sent_megabytes_total', 'counter'), 'the unit megabytes should be bytes'],
    ['percent', found('acme_full_percent'), 'the unit percent should be ratio'],
    [
      'a label of Prometheus',
      found('acme_jobs', 'gauge', ['{job="a"} 1']),
      'the label job is one that Prometheus sets',
    ],
    [
      'a label in camelCase',
      found('acme_jobs', 'gauge', ['{queueName="a"} 1']),
      'the label queueName should be in snake_case',
    ],
    [
      'le without buckets',
      found('acme_jobs', 'gauge', ['{le="1"} 1']),
      'the label le is for the buckets of a histogram',
    ],
    [
      'a quantile without summary',
      found('acme_jobs', 'gauge', ['{quantile="1"} 1']),
      'the label quantile is for a summary',
    ],
    ['a negative counter', found('acme_jobs_total', 'counter', [' -1']), 'a counter should not be negative'],
    ['an info that counts', found('acme_build_info', 'gauge', [' 2']), 'a name that ends in _info is for values of 1'],
    [
      'a time in milliseconds',
      found('acme_end_timestamp_seconds', 'gauge', [' 1700000000000']),
      'a timestamp should be in seconds since 1970; this looks like milliseconds',
    ],
    [
      'a ratio in percent',
      found('acme_full_ratio', 'gauge', [' 55']),
      'a ratio should be from 0 to 1; this looks like percent',
    ],
  ])('%s', (_what, findings, message) => {
    expect(findings).toEqual([message]);
  });

  test.each(['1700000000', '2026-01-02T03:04:05Z', '8a6e0804-2bd0-4672-b79d-d97027f9071a'])(
    'labels that are new at each run, as %s',
    (value) => {
      const [first] = found('acme_jobs', 'gauge', [`{id="${value}"} 1`]);

      expect(first).toBe(`the label id has values like "${value}", so that ever more series come`);
    },
  );

  test('more series than a host has of most things', () => {
    const many = Array.from({ length: 1_001 }, (_each, index) => `{n="${index}"} 1`);

    expect(found('acme_jobs', 'gauge', many)).toEqual(['has 1001 series; more than 1000 of one family are costly']);
    expect(found('acme_jobs', 'gauge', many.slice(1))).toEqual([]);
  });

  test('families that no definition declares, patterns heeded', () => {
    const families = parseExposition('acme_a_jobs 1\nacme_b 1\nother 1\n');
    const declared = [gauge('acme_<queue>_jobs', 'Jobs.'), gauge('acme_b', 'B.')];

    expect(lintUndeclared(families, declared)).toEqual([
      { family: 'other', message: 'is not among the `families` of its definition' },
    ]);
  });
});
