#!/usr/bin/env node
/** Hands the built-in collectors to the command line, and ends the process with its status. */
import { builtIn } from '../collectors/index.ts';
import { runCommandLine } from './cli/program.ts';
import { optimiseLate } from './v8-flags.ts';

optimiseLate();
const status = await runCommandLine(process.argv.slice(2), builtIn);
// What was written into a pipe may not be out yet, and process.exit would cut it off.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
process.exit(status);
