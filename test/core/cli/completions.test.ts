import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { builtIn } from '../../../collectors/index.ts';
import { completionsFor, shells } from '../../../src/cli/completions.ts';
import { offerOf } from '../../../src/cli/offer.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { missing } from '../../support/needs.ts';

const offer = offerOf(
  buildProgram(builtIn, [], () => {}),
  builtIn,
);
const folder = mkdtempSync(join(tmpdir(), 'vitald-completions-'));
afterAll(() => rmSync(folder, { recursive: true }));

function scriptFor(shell: (typeof shells)[number]): string {
  const file = join(folder, `vitald.${shell}`);
  writeFileSync(file, completionsFor(shell, offer));
  return file;
}

/** What bash offers at the end of a line. */
function bashOffers(line: string): string[] {
  const words = line.split(' ');
  const program = `source ${scriptFor('bash')}
    compopt() { :; }
    COMP_LINE=${JSON.stringify(line)} COMP_POINT=${line.length} COMP_CWORD=${words.length - 1}
    COMP_WORDS=(${words.map((word) => JSON.stringify(word)).join(' ')})
    _vitald; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', program], { encoding: 'utf8' }).trim().split('\n');
}

test('bash offers commands first, then what belongs to the command', () => {
  expect(bashOffers('vitald c')).toEqual(['check-config', 'collect', 'collectors', 'completions']);
  expect(bashOffers('vitald completions ')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
  expect(bashOffers('vitald collect mem')).toEqual(['meminfo', 'meminfo_numa']);
  expect(bashOffers('vitald probe --format ')).toEqual(expect.arrayContaining(['text', 'json']));
});

test('bash offers sections of flags before it offers the flags of one', () => {
  expect(bashOffers('vitald run --coll')).toEqual(['--collector.']);
  expect(bashOffers('vitald --collector.loadavg')).toEqual(
    expect.arrayContaining(['--collector.loadavg', '--collector.loadavg.schedule=']),
  );
  expect(bashOffers('vitald --no-collector.loadav')).toEqual(['--no-collector.loadavg']);
});

test('bash offers files where a file is wanted', () => {
  writeFileSync(join(folder, 'shop.yml'), '');

  expect(bashOffers(`vitald run --config.file ${folder}/sh`)).toEqual([join(folder, 'shop.yml')]);
  expect(bashOffers(`vitald run --config.file=${folder}/sh`)).toEqual([join(folder, 'shop.yml')]);
  expect(bashOffers(`vitald check-config ${folder}/sh`)).toEqual([join(folder, 'shop.yml')]);
});

/** What fish offers at the end of a line, without descriptions. */
function fishOffers(line: string): string[] {
  const program = `source ${scriptFor('fish')}; complete -C ${JSON.stringify(line)}`;
  const text = execFileSync('fish', ['--no-config', '-c', program], {
    encoding: 'utf8',
    env: { ...process.env, HOME: folder },
  });
  return text
    .trim()
    .split('\n')
    .map((row) => row.split('\t')[0]!);
}

test.skipIf(missing('fish'))('fish offers commands, names and flags', () => {
  expect(fishOffers('vitald pl')).toEqual(['plan']);
  expect(fishOffers('vitald collect load')).toEqual(['loadavg']);
  expect(fishOffers('vitald run --collector.loadavg.sch')).toEqual(['--collector.loadavg.schedule']);
  expect(fishOffers('vitald probe --format ')).toEqual(['json', 'prometheus', 'text']);
});

test.skipIf(missing('zsh'))('zsh takes the script without a complaint, and knows whose it is', () => {
  const program = `autoload -U compinit; compinit -u -D; source ${scriptFor('zsh')}; print $_comps[vitald]`;
  const text = execFileSync('zsh', ['-f', '-c', program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

  expect(text).toBe('_vitald\n');
});
