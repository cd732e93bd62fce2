/** One byte and one letter for how a run of a check ended, as the history keeps it and the page draws it. */
import { type FailureReason, failureReasons } from '../prober.ts';

/** No run. */
export const noRun = 0;
const success = 1;
const firstFailure = 2;
/** Set on a run in a maintenance window, which does not count for availability. */
const inMaintenance = 0x40;

const letters = ['u', 'n', 'c', 't', 'o', 'p', 's', 'h', 'b', 'z', 'r', 'e', 'g'] as const;

/** What the letters mean. */
export const runCodes: Readonly<Record<string, FailureReason | 'success'>> = Object.fromEntries(
  letters.map((letter, index) => [letter, index === 0 ? 'success' : failureReasons[index - 1]!]),
);

/** The byte of a run; `reason` undefined for a success. */
export function runCode(reason: FailureReason | undefined, maintenance: boolean): number {
  const code = reason === undefined ? success : firstFailure + failureReasons.indexOf(reason);
  return maintenance ? code | inMaintenance : code;
}

/** Whether a run counts for availability. */
export function counts(code: number): boolean {
  return (code & inMaintenance) === 0;
}

/** Whether the target was found up. */
export function isSuccess(code: number): boolean {
  return (code & ~inMaintenance) === success;
}

/** Why it failed; undefined where it did not. */
export function reasonOf(code: number): FailureReason | undefined {
  return failureReasons[(code & ~inMaintenance) - firstFailure];
}

const letterCodes = Uint8Array.from({ length: 256 }, (_, code) => {
  const letter = letters[(code & ~inMaintenance) - success] ?? '.';
  return (counts(code) ? letter : letter.toUpperCase()).charCodeAt(0);
});

/** The character code of the letter of a run: in upper case in maintenance, `.` for a code of nobody knows what. */
export function letterCodeOf(code: number): number {
  return letterCodes[code]!;
}

/** The letter of a run. */
export function letterOf(code: number): string {
  return String.fromCharCode(letterCodeOf(code));
}
