/** Run it with `node --test`. It needs `vitald` on the path, or its place in the environment variable VITALD, and openssl. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { collect, temporaryFolder } from './support.mjs';

const plugin = new URL('./certificates.js', import.meta.url);

function makeCertificate(file, days) {
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const where = ['-keyout', `${file}.key`, '-out', file, '-days', String(days), '-subj', '/O=Acme/CN=shop.example'];
  execFileSync('openssl', [...request, ...where], { stdio: 'ignore' });
}

test('tells when each certificate ends, and how many files are none', async (t) => {
  const folder = temporaryFolder(t);
  makeCertificate(join(folder, 'shop.pem'), 30);
  copyFileSync(join(folder, 'shop.pem'), join(folder, 'copy.crt'));
  writeFileSync(join(folder, 'broken.pem'), 'no certificate');
  writeFileSync(join(folder, 'README'), 'not looked at');

  const { status, out } = await collect(t, plugin, { certificates: { folders: [folder, '/no/such/folder'] } });

  assert.equal(status, 0);
  const ends = [...out.matchAll(/^certificate_not_after_timestamp_seconds\{file="(.*?)",subject="(.*?)"\} (\d+)$/gm)];
  assert.deepEqual(
    ends.map(([, file, subject]) => [file, subject]),
    [
      [join(folder, 'copy.crt'), 'O=Acme, CN=shop.example'],
      [join(folder, 'shop.pem'), 'O=Acme, CN=shop.example'],
    ],
  );
  const days = (Number(ends[0][3]) - Date.now() / 1000) / 86_400;
  assert.ok(days > 29 && days <= 30, `${days} days left`);
  assert.match(out, /^certificate_unreadable_files 1$/m);
});
