import { spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testCertificates } from '../support/certificates.ts';
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

const hashOfSesame = '$2b$10$QnCDhARbqAD0GJs9L8.glu.rZIpwsBMITiBPc8BE.E5Z.eVLosXt6';
const built = new URL('../../dist/vitald.js', import.meta.url).pathname;

test('a real Prometheus scrapes over TLS with a password and a certificate of its own', async () => {
  const { good, client, root, directory } = testCertificates();
  const web = join(temporaryFolder(), 'web.yml');
  writeFileSync(
    web,
    `tls_server_config:
  cert_file: ${good.certFile}
  key_file: ${good.keyFile}
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ${root.certFile}
basic_auth_users:
  prometheus: ${hashOfSesame}
`,
  );
  const daemon = await startDaemon('collectors: { cpu: {} }', [`--web.config.file=${web}`]);
  const folder = temporaryFolder();
  const port = await freePort();
  const job = (name: string, password: string): string => `
  - job_name: ${name}
    scheme: https
    basic_auth: { username: prometheus, password: ${password} }
    tls_config: { ca_file: ${root.certFile}, cert_file: ${client.certFile}, key_file: ${client.keyFile}, server_name: localhost }
    static_configs: [ { targets: ["${daemon.url.replace('http://', '')}"] } ]`;
  writeFileSync(
    join(folder, 'prometheus.yml'),
    `global: { scrape_interval: 1s }\nscrape_configs:${job('right', 'open-sesame')}${job('wrong', 'close-sesame')}\n`,
  );
  const prometheus = startProgram(programPath('prometheus'), [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  interface Target {
    readonly labels: { readonly job: string };
    readonly health: string;
    readonly lastError: string;
  }
  let targets: Target[] = [];
  await until(
    async () => {
      const text = await fetchText(`http://127.0.0.1:${port}/api/v1/targets`).catch(() => '');
      // Until it has read its own data it answers in words.
      targets = !text.startsWith('{')
        ? []
        : (JSON.parse(text) as { data: { activeTargets: Target[] } }).data.activeTargets;
      return targets.length === 2 && targets.every(({ health }) => health !== 'unknown');
    },
    () => `${JSON.stringify(targets)}\n${prometheus.output()}\n${daemon.output()}`,
    30_000,
  );

  const of = (name: string) => targets.find(({ labels }) => labels.job === name);
  expect(of('right')).toMatchObject({ health: 'up', lastError: '' });
  expect(of('wrong')).toMatchObject({ health: 'down', lastError: expect.stringContaining('401') as string });
  expect(daemon.output() + directory).not.toContain(hashOfSesame);
});

test('check-config and run tell the mistakes of a web config, and exit with 78', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'vitald.yml'), 'web: { config_file: web.yml }\n');
  writeFileSync(join(folder, 'web.yml'), 'basic_auth_users:\n  alice: hunter2\n');
  const config = `--config.file=${join(folder, 'vitald.yml')}`;

  const checked = await runCommand(['check-config', config]);
  const ran = await runCommand(['run', config, '--web.listen-address=127.0.0.1:0']);

  for (const { status, output } of [checked, ran]) {
    expect(status).toBe(78);
    expect(output).toContain('web.yml:2:3: basic_auth_users.alice: is not a bcrypt hash');
    expect(output).toContain('alice: <secret>');
    expect(output).not.toContain('hunter2');
  }
  writeFileSync(join(folder, 'web.yml'), `basic_auth_users:\n  alice: ${hashOfSesame}\n`);
  const good = await runCommand(['check-config', config]);
  expect(good).toMatchObject({ status: 0 });
  expect(good.output).toContain('web.yml: good, without TLS and 1 user');
});

test('serves on a socket that systemd passes, TCP and unix', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'vitald.yml'), 'collectors: { cpu: {} }\n');
  const port = await freePort();
  const path = join(folder, 'web.sock');
  const activate = programPath('systemd-socket-activate');
  const program = startProgram(activate, [
    `--listen=127.0.0.1:${port}`,
    `--listen=${path}`,
    '--fdname=web:web',
    process.execPath,
    built,
    'run',
    `--config.file=${join(folder, 'vitald.yml')}`,
    '--web.systemd-socket',
  ]);
  await until(() => program.output().includes('Listening on'), program.output);

  const overTcp = await fetchText(`http://127.0.0.1:${port}/-/healthy`);
  const overUnix = await new Promise<string>((resolve, reject) => {
    request({ socketPath: path, path: '/-/healthy' }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });

  expect([overTcp, overUnix]).toEqual(['vitald is healthy.\n', 'vitald is healthy.\n']);
  expect((await program.end()).status).toBe(0);
});

// What Prometheus of Debian 12 has of the format: nothing that came later.
const later = /^rate_limit|^ *(?:cert|key|client_ca|client_allowed_sans):/m;
const table = new URL('../web-config/', import.meta.url).pathname;

test('takes and refuses the same files as promtool, save those that say why not', () => {
  const promtool = programPath('promtool');
  const folder = temporaryFolder();
  const { directory } = testCertificates();
  cpSync(directory, folder, { recursive: true });
  const key = createPrivateKey(readFileSync(join(folder, 'good.key')));
  const encrypted = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' });
  writeFileSync(join(folder, 'encrypted.key'), encrypted);
  const differing: string[] = [];
  let compared = 0;
  for (const name of readdirSync(table)) {
    const text = readFileSync(join(table, name), 'utf8');
    if (later.test(text)) continue;
    compared += 1;
    writeFileSync(join(folder, name), text);
    const { status } = spawnSync(promtool, ['check', 'web-config', name], { cwd: folder });
    const expected = text.startsWith('# accepted') || text.includes('# exporter-toolkit accepts it:');
    if ((status === 0) !== expected) differing.push(name);
  }

  expect(differing).toEqual([]);
  expect(compared).toBeGreaterThan(35);
});
