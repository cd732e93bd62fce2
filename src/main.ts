#!/usr/bin/env node
/** Hands the built-in collectors to the command line, and ends the process with its status. */
import { thrift } from './thrift.ts';

const words = process.argv.slice(2);
// Before anything else is loaded, as what loads would set the compiler to work. The other commands are over soon.
if (words[0] === undefined || words[0] === 'run' || words[0].startsWith('-')) thrift.start();
const [{ builtIn }, { runCommandLine }] = await Promise.all([
  import('../collectors/index.ts'),
  import('./cli/program.ts'),
]);
const status = await runCommandLine(words, builtIn);
// What was written into a pipe may not be out yet, and process.exit would cut it off.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
process.exit(status);
