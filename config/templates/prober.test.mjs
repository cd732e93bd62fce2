/** Run it with `node --test`. It needs `vitald` on the path, or its place in the environment variable VITALD. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const plugin = fileURLToPath(new URL('./template-name.js', import.meta.url));

/** A server that greets with a text; gives its address. */
async function serverThatSays(t, text) {
  const server = createServer((socket) => socket.on('error', () => {}).end(text));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `127.0.0.1:${server.address().port}`;
}

/** Probes a target once, and gives what came of it. */
function probe(t, target, options) {
  const folder = mkdtempSync(join(tmpdir(), 'template-name-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, 'vitald.yml');
  // JSON is YAML.
  const module = { prober: 'template_name', timeout: '2s', template_name: options };
  writeFileSync(config, JSON.stringify({ modules: { tried: module } }));
  const command = ['probe', target, '--plugin', plugin, '--module=tried', '--format=json', `--config.file=${config}`];
  return new Promise((resolve, reject) => {
    // A target that is down ends with 1, and its outcome is printed all the same.
    execFile(process.env.VITALD ?? 'vitald', command, { encoding: 'utf8' }, (error, out, err) => {
      if (out === '') reject(error ?? new Error(err));
      else resolve(JSON.parse(out));
    });
  });
}

test('finds a server up that greets as expected, and tells how long the greeting is', async (t) => {
  const found = await probe(t, await serverThatSays(t, '220 hello\r\n'), { expect: '220' });

  assert.equal(found.success, true);
  assert.equal(found.samples.find(({ name }) => name === 'probe_template_name_greeting_bytes').value, 11);
});

test('finds a server down that says something else, and says in which phase', async (t) => {
  const found = await probe(t, await serverThatSays(t, '554 go away\r\n'), { expect: '220' });

  assert.equal(found.success, false);
  assert.deepEqual([found.phase, found.reason], ['greet', 'protocol']);
});
