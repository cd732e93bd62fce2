/** Single values of a web config, whose scalars are all read as text. */
import { z } from '../config/schema.ts';
import { goDurationMs } from './go-duration.ts';

// The words that YAML 1.1 has for the two, which Go's decoder still takes.
const switchWords: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(
    ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((w) => [w, true]),
  ),
  ...Object.fromEntries(
    ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((w) => [w, false]),
  ),
};

const invalid = (context: z.core.$RefinementCtx, message: string): never => {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
};

/** `true` or `false`. */
export function onOff(fallback: boolean) {
  return z
    .string()
    .nullish()
    .transform((word, context): boolean => {
      if (word === null || word === undefined) return fallback;
      return switchWords[word] ?? invalid(context, `expected true or false, found ${JSON.stringify(word)}`);
    });
}

/** A length of time as Go writes it, in milliseconds. */
export const interval = z
  .string()
  .nullish()
  .transform((text, context): number => {
    const ms = goDurationMs(text ?? '0');
    if (ms === undefined) {
      return invalid(context, `${JSON.stringify(text)} is not a duration; write it like "500ms" or "1s"`);
    }
    return ms < 0 ? invalid(context, 'must not be negative; 0 means no limit') : ms;
  });

/** A whole number that is not negative. */
export const burst = z
  .string()
  .nullish()
  .transform((text, context): number =>
    /^\d{1,9}$/.test(text ?? '0')
      ? Number(text ?? 0)
      : invalid(context, `expected a whole number, found ${JSON.stringify(text)}`),
  );

/** Any text; empty where nothing is given. */
export const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
