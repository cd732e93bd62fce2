/**
 * Metrics from commands: a script of the operator's, or a plugin for Nagios and Icinga, each run on its own schedule.
 *
 * Source  What the command writes: the Prometheus text format, or the state, text and performance data of a plugin.
 * Labels  command: the name of the command in the configuration.
 * Quirks  Each command is a collector of its own, `exec:NAME`. At its deadline every process that it started is ended.
 *         What it says on its standard error, and the text of a plugin, go to the log and never to a label.
 */
import { defineCollector, gauge, type Sample } from '../../src/collector.ts';
import { messageOf } from '../../src/errors.ts';
import { commandOf, searchPathOf } from './exec/command.ts';
import { doubtsAbout } from './exec/command-file.ts';
import { CommandFailure, failureOf, type FailureReason } from './exec/failure.ts';
import { labelling } from './exec/labels.ts';
import { nagiosFamilies, readReport, status } from './exec/nagios.ts';
import { type CommandOptions, commandOptions } from './exec/options.ts';
import { readOutput } from './exec/output.ts';
import { exitStatus, recordFamilies, RunRecord } from './exec/record.ts';
import { type Command, type CommandRun, type Ended, runCommand } from './exec/run-command.ts';

const served = gauge('<family>', 'Whatever the command writes in the text format.');
const families = [...recordFamilies, ...nagiosFamilies, served];
const ownNames = new Set(families.map(({ name }) => name));

const states = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;
const unknown = 3;

function doubts(options: CommandOptions): string[] {
  return doubtsAbout(options.command[0], searchPathOf(options));
}

export const exec = defineCollector({
  name: 'exec',
  summary: "Metrics from commands: the operator's own scripts, and plugins for Nagios and Icinga.",
  source: 'the output of the configured commands',
  enabled: false,
  schedule: '1m',
  timeout: '10s',
  maxSeries: 10_000,
  families,
  instances: {
    key: 'commands',
    description:
      'The commands. Each runs when the daemon starts and then on its own schedule, never twice at once. At its deadline it gets SIGTERM, with every process that it started, and SIGKILL a moment later; what it leaves running when it exits is ended too. Not found then is only a process in a session of its own whose parent is gone and whose environment was cleared.',
  },
  config: commandOptions,
  warnings: doubts,
  create(options, { system: { clock }, log }) {
    const { name, format, working_directory: workingDirectory, output_limit: outputLimit } = options;
    const [program] = options.command;
    const successCodes = options.success_codes ?? (format === 'nagios' ? [0, 1, 2, unknown] : [0]);
    const record = new RunRecord(name);
    const labelled = labelling(options.labels);
    let state: number | undefined;
    let told: FailureReason | undefined;
    let run: CommandRun | undefined;
    for (const doubt of doubts(options)) log.warn({ reason: doubt }, 'the command is questionable');

    /** Says once that a plugin reports another state. */
    function enter(next: number, text: string): void {
      const before = state ?? 0;
      state = next;
      if (next === before) return;
      const fields = { state: states[next], text };
      if (next === 0) log.info(fields, 'the plugin reports another state');
      else log.warn(fields, 'the plugin reports another state');
    }

    /** Says once what a command wrote before it failed, until it fails for another reason. */
    function tell(reason: FailureReason | undefined, stderr: readonly string[]): void {
      const isNews = reason !== told;
      told = reason;
      if (reason === undefined || !isNews || stderr.length === 0) return;
      log.warn({ reason, stderr: stderr.join('\n') }, 'the command failed, and said on its standard error');
    }

    function read({ ending, stdout }: Ended): readonly Sample[] {
      if (format === 'prometheus') {
        try {
          return readOutput(`exec:${name}`, stdout, ownNames);
        } catch (error) {
          throw new CommandFailure('format', messageOf(error), { cause: error });
        }
      }
      const { text, samples } = readReport(name, stdout.toString('utf8'));
      enter(ending.kind === 'exited' && ending.code in states ? ending.code : unknown, text);
      return samples;
    }

    return {
      async collect(signal) {
        const startedAt = clock.monotonic();
        const note = (status: number, reason?: FailureReason): void => {
          const facts = { exitStatus: status, durationMs: clock.monotonic() - startedAt, endedAt: clock.now() };
          record.note(reason === undefined ? facts : { ...facts, reason });
          if (reason !== undefined && format === 'nagios') enter(unknown, `the run failed: ${reason}`);
        };
        let command: Command;
        try {
          command = commandOf(options);
        } catch (error) {
          note(126, 'spawn');
          throw error;
        }
        // At the deadline the run is over for all who look at it, long before the last process of it may be gone.
        const timeOut = (): void => note(124, 'timeout');
        signal.addEventListener('abort', timeOut, { once: true });
        run = runCommand(command, { clock, signal });
        const ended = await run.ended;
        signal.removeEventListener('abort', timeOut);
        let failure = failureOf(ended.ending, { program, workingDirectory, outputLimit, successCodes });
        let samples: readonly Sample[] = [];
        try {
          if (failure === undefined) samples = read(ended);
        } catch (error) {
          if (!(error instanceof CommandFailure)) throw error;
          failure = error;
        }
        if (ended.ending.kind !== 'aborted') note(exitStatus(ended.ending), failure?.reason);
        tell(failure?.reason, ended.stderr);
        if (failure !== undefined) throw failure;
        return labelled(samples);
      },
      about() {
        const samples = record.samples();
        if (state !== undefined) samples.push(status.sample(state, { command: name }));
        return labelled(samples);
      },
      close() {
        run?.kill();
      },
    };
  },
});
