/** A systeminformation that answers what a test gives it. */
import type { Question, Sysinfo, SysinfoAnswers } from '../../src/system/sysinfo.ts';

/** What each question answers: a value, or an error to fail with; `hangs` never answers. Others fail. */
export type Answers = { readonly [Q in Question]?: SysinfoAnswers[Q] | Error | typeof hangs };

/** The answer of a question that never comes. */
export const hangs = Symbol('hangs');

/** A source on a platform with the answers given. */
export function fakeSysinfo(platform: NodeJS.Platform, answers: Answers): Sysinfo {
  return {
    platform,
    ask<Q extends Question>(question: Q, signal: AbortSignal): Promise<SysinfoAnswers[Q]> {
      const answer: Answers[Q] = answers[question];
      if (answer === hangs) {
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        });
      }
      if (answer === undefined) return Promise.reject(new Error(`${question} is not known here`));
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve(answer as SysinfoAnswers[Q]);
    },
  };
}
