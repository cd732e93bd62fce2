import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand, temporaryFolder } from '../support/program.ts';

const tenMistakes = `web:
  listen_addresses: ["127.0.0.1"]
log:
  level: loud
defaults:
  schedule: 90s
collectors:
  loadavgg: true
  filesystem:
    mount_points_exclud: "^/mnt"
    schedule: "*/90 * * * * *"
  cpu: 7
modules:
  broken: { prober: htp }
checks:
  - name: shop
    target: http://127.0.0.1/
    module: nope
  - { name: none, timeout: soon }
`;

test('ten mistakes are ten positioned messages and exit status 78', async () => {
  const file = join(temporaryFolder(), 'config.yml');
  writeFileSync(file, tenMistakes);

  for (const command of [
    ['check-config', file],
    ['run', `--config.file=${file}`],
  ]) {
    const { status, output } = await runCommand(command);

    expect(status).toBe(78);
    const messages = output.split('\n').filter((line) => line.startsWith(file));
    expect(messages.map((line) => line.slice(file.length + 1))).toEqual([
      '2:3: web.listen_addresses: is not an address to listen on; write it like "127.0.0.1:9100", ":9100" or "unix:/run/vitald.sock"',
      '4:10: log.level: expected one of "debug", "info", "warn", "error", found "loud"',
      '6:13: defaults.schedule: "90s" is not a period that cron can express; the nearest are "1m" and "2m"',
      '8:3: collectors.loadavgg: unknown collector; did you mean "loadavg"?',
      '10:5: collectors.filesystem.mount_points_exclud: unknown option; did you mean "mount_points_exclude"?',
      '11:15: collectors.filesystem.schedule: step 90 is larger than the seconds field (0-59)',
      '12:8: collectors.cpu: expected true, false or a map of options',
      '14:21: modules.broken.prober: unknown prober "htp"; did you mean "http"?',
      '18:13: checks.0.module: unknown module "nope"',
      '19:28: checks.1.timeout: "soon" is not a duration; write it like "30s", "1h30m" or "500ms"',
    ]);
    expect(output).toContain('10 mistakes in the configuration');
    expect(output).toContain('     mount_points_exclud: "^/mnt"\n     |     ^^^^^^^^^^^^^^^^^^^');
  }
});

test('a mistaken flag is told as the user wrote it', async () => {
  const { status, output } = await runCommand([
    'check-config',
    '/dev/null',
    '--collector.cpu.inof',
    '--log.level=loud',
  ]);

  expect(status).toBe(78);
  expect(output).toContain('--collector.cpu.inof: unknown flag; did you mean "collector.cpu.info"?');
  expect(output).toContain('--log.level: expected one of');
});

test('the packaged configuration is good, and a plain blackbox_exporter file is, too', async () => {
  const packaged = new URL('../../config/vitald.yml', import.meta.url).pathname;
  expect((await runCommand(['check-config', packaged])).status).toBe(0);

  const file = join(temporaryFolder(), 'blackbox.yml');
  writeFileSync(file, readFileSync('/etc/prometheus/blackbox.yml', 'utf8'));
  const { status, output } = await runCommand(['check-config', file]);
  expect(output).toContain('good');
  expect(status).toBe(0);
});
