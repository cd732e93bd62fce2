/** Single values of a web config; what is declared as text here gets numbers as they were written. */
import { goDurationMs } from '../config/go-duration.ts';
import { z } from '../config/schema.ts';

const invalid = (context: z.core.$RefinementCtx, message: string): never => {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
};

/** `true` or `false`. */
export function onOff(fallback: boolean) {
  return z.boolean().default(fallback);
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
