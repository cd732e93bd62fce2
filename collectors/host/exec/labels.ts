/** The labels of a command, laid on its series. */
import type { FamilyHead, Sample } from '../../../src/collector.ts';

/** What lays labels on samples; one that a sample has of its own prevails. */
export function labelling(labels: Readonly<Record<string, string>>): (samples: readonly Sample[]) => readonly Sample[] {
  const names = Object.keys(labels);
  if (names.length === 0) return (samples) => samples;
  const heads = new WeakMap<FamilyHead, FamilyHead>();
  const headOf = (family: FamilyHead): FamilyHead => {
    let head = heads.get(family);
    if (head === undefined) {
      const { name, type, help, labelNames, mayBeNaN } = family;
      const all = [...new Set([...labelNames, ...names])].toSorted();
      head = { name, type, help, labelNames: all, ...(mayBeNaN === undefined ? {} : { mayBeNaN }) };
      heads.set(family, head);
    }
    return head;
  };
  return (samples) =>
    samples.map((sample) => ({ ...sample, family: headOf(sample.family), labels: { ...labels, ...sample.labels } }));
}
