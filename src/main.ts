#!/usr/bin/env node
/** Arguments, signals, exit status. */
import { builtIn } from '../collectors/index.ts';
import { runCommandLine } from './cli/program.ts';

process.exit(await runCommandLine(process.argv.slice(2), builtIn));
