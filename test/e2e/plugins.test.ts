import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { collectorSource } from '../support/plugins.ts';
import {
  fetchText,
  freePort,
  programPath,
  runCommand,
  startDaemon,
  startProgram,
  temporaryFolder,
  until,
} from '../support/program.ts';

const root = new URL('../../', import.meta.url).pathname;
const examples = join(root, 'config/examples/plugins');

/** An environment in which `vitald` is the one that was built, as it is where it is installed. */
function installed(): NodeJS.ProcessEnv {
  const folder = temporaryFolder();
  const command = join(folder, 'vitald');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'dist/vitald.js')}' "$@"\n`);
  chmodSync(command, 0o755);
  // What the test runner sets would make tests that it starts report to it.
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...rest } = process.env;
  return { ...rest, PATH: [folder, process.env['PATH']].join(delimiter) };
}

/** Runs Node.js' own tests in files; gives what it prints. */
function nodeTests(files: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--test', ...files], {
    encoding: 'utf8',
    env: installed(),
  });
  return { status, output: stdout + stderr };
}

test('the commands of the README lead from nothing to a metric of one’s own', async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, section = ''] = readme.split('## Write a collector in five minutes');
  const [, commands = ''] = /```sh\n(.*?)```/s.exec(section) ?? [];
  expect(commands).toContain('curl');
  const port = String(await freePort());

  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-o', 'pipefail'], {
    input: commands.replaceAll('9100', port),
    cwd: temporaryFolder(),
    encoding: 'utf8',
    env: installed(),
  });

  expect(stdout, stderr).toMatch(/^queue_depth_files\{folder="\/var\/spool"\} \d+$/m);
  expect(stdout).toMatch(/^(?:#|ℹ) pass 2$/m);
  expect(stdout).toContain('vitald.yml: good');
  expect(status).toBe(0);
});

test('the collector of the README collects', async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, source = ''] = /```js\n(.*?)```/s.exec(readme) ?? [];
  const folder = temporaryFolder();
  const plugin = join(folder, 'queue-depth.js');
  writeFileSync(plugin, source);
  mkdirSync(join(folder, 'spool'));
  writeFileSync(join(folder, 'spool/a'), '');

  const flag = `--collector.queue_depth.folder=${folder}/spool`;
  const { status, output } = await runCommand(['collect', '--plugin', plugin, '--config.file=/dev/null', flag]);

  expect(output).toContain(`queue_depth_files{folder="${folder}/spool"} 1\n`);
  expect(status).toBe(0);
});

test.each(['collector', 'prober'])('a new %s passes its own test', async (kind) => {
  const folder = temporaryFolder();
  expect((await runCommand(['new', kind, 'my_own', folder])).status).toBe(0);

  const { status, output } = nodeTests([join(folder, 'my-own.test.mjs')]);

  expect(output).toMatch(/^(?:#|ℹ) pass 2$/m);
  expect(status, output).toBe(0);
});

test('the examples pass their own tests', () => {
  const files = readdirSync(examples).filter((name) => name.endsWith('.test.mjs'));
  expect(files).toHaveLength(3);

  const { status, output } = nodeTests(files.map((name) => join(examples, name)));

  expect(output).toMatch(/^(?:#|ℹ) pass 7$/m);
  expect(status, output).toBe(0);
});

test('the depth of queues in a real Redis is served, ends with the server, and comes back with it', async () => {
  const folder = temporaryFolder();
  // Where no node_modules is in sight.
  copyFileSync(join(examples, 'redis-queues.js'), join(folder, 'redis-queues.js'));
  const port = await freePort();
  const server = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--requirepass', 'correct-horse'];
  const startServer = async () => {
    const program = startProgram(programPath('redis-server'), server);
    await until(() => program.output().includes('eady to accept connections'), program.output);
    return program;
  };
  const tell = (...words: string[]): string =>
    execFileSync('redis-cli', ['-p', String(port), '--no-auth-warning', '-a', 'correct-horse', ...words], {
      encoding: 'utf8',
    });
  const redis = await startServer();
  tell('RPUSH', 'mail', 'a', 'b', 'c');
  tell('XADD', 'events', '*', 'kind', 'x');
  const daemon = await startDaemon(`
plugins: [${join(folder, 'redis-queues.js')}]
defaults: { schedule: 1s }
collectors:
  disable_defaults: true
  redis_queues:
    { port: ${port}, password: correct-horse, queues: [mail, events, none], schedule: 1s, timeout: 800ms, stale_after: 2s }
`);
  const value = async (series: string): Promise<number | undefined> => {
    const line = (await fetchText(`${daemon.url}/metrics`)).split('\n').find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  };
  const becomes = (series: string, wanted: number | undefined): Promise<unknown> =>
    until(
      async () => (await value(series)) === wanted,
      () => `${series} did not become ${wanted}\n${daemon.output()}`,
    );

  await becomes('redis_queue_jobs{queue="mail"}', 3);
  await becomes('redis_queue_jobs{queue="events"}', 1);
  await becomes('redis_queue_jobs{queue="none"}', 0);
  tell('LPOP', 'mail');
  await becomes('redis_queue_jobs{queue="mail"}', 2);

  await redis.end('SIGKILL');
  await becomes('node_scrape_collector_success{collector="redis_queues"}', 0);
  await becomes('redis_queue_jobs{queue="mail"}', undefined);

  await startServer();
  await becomes('redis_queue_jobs{queue="mail"}', 0);
  expect(daemon.output()).not.toContain('correct-horse');
  expect(await fetchText(`${daemon.url}/config`)).toContain('password: <secret>');
});

test('errors that a plugin raises when nobody waits for it are logged, and all others are served on', async () => {
  const folder = temporaryFolder();
  const create = `() => ({
    collect() {
      setTimeout(() => { throw new Error('from a timer'); }, 5);
      Promise.reject(new Error('from a promise'));
      connect(1, '127.0.0.1');
      return [family.sample(1)];
    },
  })`;
  writeFileSync(
    join(folder, 'stray.js'),
    collectorSource('stray', { create, head: "import { connect } from 'node:net';" }),
  );
  const daemon = await startDaemon(`
plugins: [${join(folder, 'stray.js')}]
defaults: { schedule: 1s }
collectors: { disable_defaults: true, stray: {}, loadavg: {} }
`);

  const told = (text: string): boolean => daemon.output().includes(text);
  await until(() => told('from a timer') && told('from a promise') && told('ECONNREFUSED'), daemon.output);

  expect(daemon.output()).toContain('a plugin raised an error outside of any run');
  expect(await fetchText(`${daemon.url}/metrics`)).toContain('node_load1 ');
  expect((await daemon.end()).status).toBe(0);
});

describe('collect --plugin', () => {
  test('ends with 3 over what the lint finds, and promtool agrees', async () => {
    const plugin = join(temporaryFolder(), 'bad.js');
    writeFileSync(plugin, collectorSource('bad', { family: 'acme_wait_ms_total' }));

    const { status, output } = await runCommand(['collect', '--plugin', plugin, '--config.file=/dev/null']);

    expect(status).toBe(3);
    expect(output).toContain('# lint: acme_wait_ms_total: only a counter should end in _total, and this is a gauge\n');
    expect(output).toContain('# lint: acme_wait_ms_total: the unit ms should be seconds\n');
    const text = output.replaceAll(/^# lint.*\n/gm, '');
    const promtool = spawnSync(programPath('promtool'), ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect(promtool.status).toBe(3);
    expect(promtool.stderr).toContain('non-counter metrics should not have "_total" suffix');
  });

  test('ends with 1 where the collector fails, and with 78 where the plugin cannot be used', async () => {
    const folder = temporaryFolder();
    const create = "() => ({ collect() { throw new Error('oh no'); } })";
    writeFileSync(join(folder, 'fails.js'), collectorSource('fails', { create }));
    writeFileSync(join(folder, 'empty.js'), '');
    const collect = (file: string) =>
      runCommand(['collect', '--plugin', join(folder, file), '--config.file=/dev/null']);

    expect(await collect('fails.js')).toEqual({ status: 1, output: '# fails: error: oh no\n' });
    const empty = await collect('empty.js');
    expect(empty.status).toBe(78);
    expect(empty.output).toContain(`--plugin ${folder}/empty.js: exports neither a collector nor a prober`);
  });
});

test('the commands that show a configuration know its plugins', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'one.js'), collectorSource('one', { more: "schedule: '7m'.replace('7', '5')," }));
  const file = join(folder, 'vitald.yml');
  writeFileSync(file, 'plugins: [./one.js]\n');
  const run = async (command: string): Promise<string> => (await runCommand([command, `--config.file=${file}`])).output;

  expect(await run('collectors')).toMatch(/^one +on +5m +Gives a value\.$/m);
  expect(await run('plan')).toMatch(/^collector:one +5m /m);
  expect(await run('schema')).toContain('"description": "Gives a value."');
  expect(await run('check-config')).toContain('good');
});

test('a plugin in TypeScript checks against the types of the package, and its mistakes are found', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules/vitald'));
  symlinkSync(join(root, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'));
  const options = { module: 'nodenext', target: 'es2023', strict: true, noEmit: true, types: ['node'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const source = (labels: string): string => `
import { defineCollector, gauge, secret, z } from 'vitald';
const depth = gauge('acme_queue_jobs', 'Jobs.', ['queue']);
export const acme = defineCollector({
  name: 'acme', summary: 'Jobs.', source: 'acme', enabled: true, families: [depth],
  config: z.strictObject({ password: secret(), size: z.number().default(1) }),
  create({ password, size }, { log, system, instruments }) {
    const asked = instruments.counter('acme_asked_total', 'Times asked.', ['by']);
    log.debug({ rootfs: system.paths.rootfs }, password.reveal());
    return {
      async collect(signal) {
        signal.throwIfAborted();
        asked.add(size, { by: 'test' });
        return [depth.sample(size, ${labels})];
      },
    };
  },
});
`;
  const check = (labels: string) => {
    writeFileSync(join(folder, 'acme.ts'), source(labels));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    return spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' });
  };

  expect(check("{ queue: 'mail' }")).toMatchObject({ status: 0, stdout: '' });
  expect(check("{ queu: 'mail' }").stdout).toContain("'queu' does not exist in type");
});

test('TypeScript is run where this Node.js runs it, and refused with a place where not', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'one.ts'), `${collectorSource('one')}export const more: number = 1;\n`);
  writeFileSync(join(folder, 'vitald.yml'), 'plugins:\n  - ./one.ts\n');
  const { typescript = false } = process.features as { typescript?: unknown };

  const { status, output } = await runCommand(['collect', 'one', `--config.file=${folder}/vitald.yml`]);

  const refused = [78, 'vitald.yml:2:5: plugins.0: this Node.js'] as const;
  const [expected, text] = typescript === false ? refused : ([0, 'test_one_value 1'] as const);
  expect(status).toBe(expected);
  expect(output).toContain(text);
});
