/** The unix prober against sockets in a folder of the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { unix } from '../../../collectors/probe/unix.ts';
import { certificateEnds, testCertificates } from '../../support/certificates.ts';
import { probe, standing, value, watchOpenThings } from './tcp-harness.ts';

async function listen(server: Server): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'vitald-unix-'));
  const path = join(folder, 'socket');
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  onTestFinished(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  return path;
}

test('holds a dialogue over a socket', async () => {
  const path = await listen(createServer((socket) => socket.end('ready 7\n')));
  const open = watchOpenThings();
  const query_response = [{ expect: '^ready (\\d)', labels: [{ name: 'level', value: '$1' }] }];
  const { verdict, scrape } = await probe(unix, { query_response }, path);

  expect(verdict).toBe('success');
  expect(standing(scrape)).toBe(
    ['probe_expect_info{level="7"} 1', 'probe_failed_due_to_bytes 0', 'probe_failed_due_to_regex 0'].join('\n'),
  );
  await open.settled();
});

test('a socket that is not there', async () => {
  const { verdict, detail } = await probe(unix, {}, '/nonexistent/socket');

  expect(verdict).toBe('connect in connect');
  expect(detail).toContain('ENOENT');
});

test('a target that is no path', async () => {
  expect((await probe(unix, {}, 'localhost:80')).verdict).toBe('config in connect');
});

test('a socket is not for those who may probe some addresses only', async () => {
  const path = await listen(createServer((socket) => socket.end()));
  const { verdict, detail } = await probe(unix, {}, path, { allows: () => true });

  expect(verdict).toBe('config in connect');
  expect(detail).toContain('make it a check of the configuration');
});

test('a silent peer', async () => {
  const path = await listen(createServer((socket) => socket.on('error', () => undefined)));
  const open = watchOpenThings();
  const { verdict } = await probe(unix, { query_response: [{ expect: 'x' }] }, path, { timeoutMs: 150 });

  expect(verdict).toBe('timeout in query_response');
  await open.settled();
});

test('speaks TLS for a name that the module gives', async () => {
  const { good, root } = testCertificates();
  const server = createTlsServer({ cert: good.cert, key: good.key }, (socket) => socket.end('hi\n'));
  server.on('tlsClientError', () => undefined);
  const path = await listen(server);
  const query_response = [{ expect: 'hi' }];
  const tls_config = { ca_file: root.certFile };
  const named = { tls: true, tls_config: { ...tls_config, server_name: 'localhost' }, query_response };
  const { verdict, scrape } = await probe(unix, named, path);

  expect(verdict).toBe('success');
  expect(value(scrape, 'probe_ssl_earliest_cert_expiry')).toBe(certificateEnds.leaf);
  expect((await probe(unix, { tls: true, tls_config }, path)).verdict).toBe('config in tls');
  const unverified = { tls: true, tls_config: { insecure_skip_verify: true }, query_response };
  expect((await probe(unix, unverified, path)).verdict).toBe('success');
});
