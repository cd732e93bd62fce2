/**
 * What a module may ask of the records in each section of a DNS reply.
 *
 * Records come from the target, so the patterns run on re2js, which takes linear time whatever the text is.
 */
import { loadPatternEngine } from '../../src/config/pattern.ts';
import { pattern, z } from '../../src/config/schema.ts';
import type { DnsRecord } from './dns-message.ts';
import { recordText } from './dns-record-text.ts';

/** The options of one section: `validate_answer_rrs` and its sisters. */
export const sectionOptions = z.strictObject({
  fail_if_matches_regexp: z.array(pattern()).default([]).describe('Fail if any record matches one of these.'),
  fail_if_all_match_regexp: z
    .array(pattern())
    .default([])
    .describe('Fail unless every record matches all of these, as blackbox_exporter has it despite the name.'),
  fail_if_not_matches_regexp: z
    .array(pattern())
    .default([])
    .describe('Fail if any record does not match one of these, or there is no record.'),
  fail_if_none_matches_regexp: z
    .array(pattern())
    .default([])
    .describe('Fail if no record matches any of these, or there is no record.'),
});

/** The options of one section, parsed. */
export type SectionOptions = z.output<typeof sectionOptions>;

/** Says what is wrong with the records of a section; undefined where nothing is. */
export type SectionCheck = (records: readonly DnsRecord[]) => string | undefined;

type Test = (text: string) => boolean;

async function compiled(patterns: SectionOptions['fail_if_matches_regexp']): Promise<readonly Test[]> {
  if (patterns.length === 0) return [];
  const engine = await loadPatternEngine();
  return patterns.map(({ source }) => {
    const regexp = engine.compile(source);
    return (text) => regexp.matcher(text).find();
  });
}

/** Makes the check of one section; undefined where the module asks nothing of it. */
export async function sectionCheck(section: string, options: SectionOptions): Promise<SectionCheck | undefined> {
  const [refused, all, each, some] = await Promise.all([
    compiled(options.fail_if_matches_regexp),
    compiled(options.fail_if_all_match_regexp),
    compiled(options.fail_if_not_matches_regexp),
    compiled(options.fail_if_none_matches_regexp),
  ]);
  if (refused.length + all.length + each.length + some.length === 0) return undefined;
  return (records) => {
    if (records.length === 0 && each.length > 0) return `fail_if_not_matches_regexp: no ${section} records`;
    if (records.length === 0 && some.length > 0) return `fail_if_none_matches_regexp: no ${section} records`;
    let allMatch = true;
    let someMatch = false;
    for (const record of records) {
      const text = recordText(record);
      const matches = (test: Test) => test(text);
      if (refused.some(matches)) return `fail_if_matches_regexp: an ${section} record matches`;
      if (!each.every(matches)) return `fail_if_not_matches_regexp: an ${section} record does not match`;
      allMatch &&= all.every(matches);
      someMatch ||= some.some(matches);
    }
    if (!allMatch) return `fail_if_all_match_regexp: an ${section} record does not match`;
    if (some.length > 0 && !someMatch) return `fail_if_none_matches_regexp: no ${section} record matches`;
    return undefined;
  };
}
