/**
 * How eagerly V8 optimises, for a program that mostly waits. Imported before everything else.
 *
 * By default a function is compiled by the optimiser after some hundred calls, most of them at start, and the compiler's
 * own pages and memory stay for good: some 8 MB. What runs all the time still gets there within its first minute.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--interrupt-budget=1000000');
