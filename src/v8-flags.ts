/** How eagerly V8 optimises, for a program that mostly waits. */
import { setFlagsFromString } from 'node:v8';

/**
 * Lets functions run longer before the optimiser compiles them. By default it compiles what a start calls some hundred
 * times, and the pages and the memory of the compiler stay for good. What runs all the time gets there all the same.
 */
export function optimiseLate(): void {
  setFlagsFromString('--interrupt-budget=1000000');
}
