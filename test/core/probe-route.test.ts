import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { http } from '../../collectors/probe/http.ts';
import { icmp } from '../../collectors/probe/icmp.ts';
import { tcp } from '../../collectors/probe/tcp.ts';
import { unix } from '../../collectors/probe/unix.ts';
import { parseExposition } from '../../src/exposition/parse.ts';
import { demandTimeoutMs } from '../../src/routes/probe.ts';
import { httpServer, startTestedDaemon, type TestedDaemon } from '../support/daemons.ts';
import { until } from '../support/program.ts';

const modules = `
collectors: { disable_defaults: true }
modules:
  port: { prober: tcp, timeout: 2s }
  sock: { prober: unix, timeout: 2s }
  ping: { prober: icmp, timeout: 2s }
  auth:
    prober: http
    timeout: 2s
    http:
      headers: { Host: shop.example, X-Key: hunter2 }
      basic_auth: { username: u, password: hunter3 }
      body: hunter4
      method: POST
  closed: { prober: tcp }
`;

const allowed = (ports = '[1-65535]') => `${modules}
probe:
  enabled: true
  modules: [http_2xx, port, sock, ping, auth]
  targets: [{ cidr: 127.0.0.1, ports: ${ports.replace('[1-65535]', '["1-65535"]')} }]
`;

const probers = [http, tcp, unix, icmp];

function start(config: string): Promise<TestedDaemon> {
  return startTestedDaemon(config, { probers });
}

function query(parameters: Record<string, string>): string {
  return `/probe?${new URLSearchParams(parameters).toString()}`;
}

/** A server that takes connections and says nothing; the number of those that are open. */
async function silentServer(): Promise<{ port: number; open: () => number }> {
  let open = 0;
  const server = createServer((socket) => {
    open += 1;
    socket.on('error', () => {}).on('close', () => (open -= 1));
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, open: () => open };
}

describe('a probe on demand', () => {
  test('is refused until the config allows it', async () => {
    const { url } = await httpServer((_request, response) => response.end('ok'));
    const tested = await start(modules);

    const { status, text } = await tested.get(query({ target: url }));

    expect(status).toBe(403);
    expect(text).toContain('probe.enabled');
  });

  test('answers with the metrics of the probe, without labels of a check', async () => {
    const { url } = await httpServer((_request, response) => response.end('ok'));
    const tested = await start(allowed());

    for (const method of ['GET', 'POST']) {
      const { status, text, type } = await tested.get(query({ target: url }), { method });
      expect(status).toBe(200);
      expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
      const names = parseExposition(text).map(({ family }) => family.name);
      expect(names).toContain('probe_http_status_code');
      expect(text).toContain('\nprobe_success 1\n');
      // The module has none of its own.
      expect(text).toContain('\nprobe_timeout_seconds 119.5\n');
      expect(text).not.toContain('check=');
      expect(text).not.toContain('vitald_check');
    }
  });

  test('of a target that is down is answered all the same', async () => {
    const { port, server } = await httpServer(() => {});
    server.close();
    const tested = await start(allowed());

    const { status, text } = await tested.get(query({ target: `127.0.0.1:${port}`, module: 'port' }));

    expect(status).toBe(200);
    expect(text).toContain('\nprobe_success 0\n');
  });

  test('has the status codes and words of blackbox_exporter', async () => {
    const tested = await start(allowed());
    const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': 'abc' };

    expect(await tested.get('/probe')).toMatchObject({ status: 400, text: 'Target parameter is missing\n' });
    expect(await tested.get(query({ target: 'x', module: 'nope' }))).toMatchObject({
      status: 400,
      text: 'Unknown module "nope"\n',
    });
    const unparsable = await tested.get(query({ target: 'x' }), { headers });
    expect(unparsable.status).toBe(500);
    expect(unparsable.text).toMatch(/^Failed to parse timeout from Prometheus header: /);
    const hexadecimal = await tested.get(query({ target: 'x' }), {
      headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '0x10' },
    });
    expect(hexadecimal).toMatchObject({ status: 500, text: unparsable.text });
    const clash = await tested.get(query({ target: 'http://127.0.0.1:1/', module: 'auth', hostname: 'other' }));
    expect(clash).toMatchObject({ status: 400 });
    expect(clash.text).toMatch(/^host header defined both in module configuration and with URL-parameter 'hostname'/);
    expect(clash.text).not.toContain('shop.example');
    expect((await tested.get(query({ target: 'x', module: 'closed' }))).status).toBe(403);
  });

  test('sends the hostname that it is given', async () => {
    const hosts: (string | undefined)[] = [];
    const { url } = await httpServer((request, response) => {
      hosts.push(request.headers.host);
      response.end('ok');
    });
    const tested = await start(allowed());

    await tested.get(query({ target: url, hostname: 'shop.example' }));

    expect(hosts).toEqual(['shop.example']);
  });

  test('takes the target as it is written, decoded once', async () => {
    const paths: (string | undefined)[] = [];
    const { url } = await httpServer((request, response) => {
      paths.push(request.url);
      response.end('ok');
    });
    const tested = await start(allowed());

    await tested.get(query({ target: `${url}a%2541?b=c+d&e=%20` }));

    expect(paths).toEqual(['/a%2541?b=c+d&e=%20']);
  });

  test('ends in time for the scrape, whatever the module would let it take', async () => {
    const { port, open } = await silentServer();
    const tested = await start(allowed());
    const from = performance.now();

    const { text } = await tested.get(query({ target: `http://127.0.0.1:${port}/` }), {
      headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '0.3' },
    });

    expect(performance.now() - from).toBeLessThan(1_000);
    expect(text).toContain('\nprobe_success 0\n');
    expect(text).toContain('\nprobe_timeout_seconds 0.15\n');
    await until(() => open() === 0);
  });

  test('ends when nobody waits for its answer any more', async () => {
    const { port, open } = await silentServer();
    const tested = await start(allowed());
    const gone = new AbortController();
    const asked = tested.get(query({ target: `http://127.0.0.1:${port}/` }), { signal: gone.signal });
    asked.catch(() => {});
    await until(() => open() === 1);

    gone.abort();

    // Long before the deadline of the module.
    const from = performance.now();
    await until(() => open() === 0);
    expect(performance.now() - from).toBeLessThan(2_000);
  });
});

describe('a target that is not allowed', () => {
  test('is refused by the address that its name resolves to, and by its port', async () => {
    const { port, url } = await httpServer((_request, response) => response.end('ok'));
    const tested = await start(allowed(`[${port}]`));

    expect((await tested.get(query({ target: `http://localhost:${port}/`, module: 'auth' }))).status).not.toBe(500);
    expect((await tested.get(query({ target: url }))).status).toBe(200);
    for (const target of [
      'http://127.0.0.2/',
      'http://127.1:1/',
      'http://0x7f000002:80/',
      `http://[::ffff:127.0.0.2]:${port}/`,
      'http://[::1]:80/',
      `http://127.0.0.1:${port + 1}/`,
    ]) {
      const { status, text } = await tested.get(query({ target }));
      expect(status, target).toBe(403);
      expect(text).toContain('probe.targets');
      expect(text).not.toContain('probe_');
    }
  });

  test('is refused for each prober, before a packet is sent', async () => {
    const { port, open } = await silentServer();
    const tested = await start(allowed('[9]'));

    expect((await tested.get(query({ target: `127.0.0.1:${port}`, module: 'port' }))).status).toBe(403);
    expect((await tested.get(query({ target: '127.0.0.1', module: 'ping' }))).status).toBe(403);
    expect(open()).toBe(0);
    // A path has no address that a rule could name.
    const sock = await tested.get(query({ target: '/run/x.sock', module: 'sock' }));
    expect(sock.text).toContain('\nprobe_success 0\n');
  });

  test('is refused also at the end of a redirect', async () => {
    const inner = await httpServer((_request, response) => response.end('secret page'));
    let asked = 0;
    inner.server.on('connection', () => (asked += 1));
    const outer = await httpServer((_request, response) => {
      response.writeHead(302, { location: inner.url }).end();
    });
    const tested = await start(allowed(`[${outer.port}]`));

    const { status } = await tested.get(query({ target: outer.url }));

    expect(status).toBe(403);
    expect(asked).toBe(0);
  });
});

describe('debug=true', () => {
  test('shows the steps, the metrics and the module, and no secret', async () => {
    const { url } = await httpServer((_request, response) => response.end('ok'));
    const tested = await start(allowed());
    const target = `${url.replace('http://', 'http://user:hunter5@')}?token=hunter6`;

    const { status, text, type } = await tested.get(query({ target, module: 'auth', debug: 'true' }));

    expect(status).toBe(200);
    expect(type).toMatch(/^text\/plain/);
    expect(text).toContain('Logs for the probe:\n');
    expect(text).toMatch(/^response .*"?status"?=200/m);
    expect(text).toMatch(/^probe succeeded duration_seconds=/m);
    expect(text).toContain('Metrics that would have been returned:\n# HELP probe_');
    expect(text).toContain('Module configuration:\nprober: http\ntimeout: 2s\nhttp:\n');
    expect(text).toContain('username: u\n');
    expect(text).toContain('password: <secret>\n');
    expect(text).toContain('X-Key: <secret>\n');
    expect(text).not.toContain('hunter');
  });

  test('says why a target is refused', async () => {
    const tested = await start(allowed('[9]'));
    const { status, text } = await tested.get(query({ target: 'http://127.0.0.1:10/', debug: 'true' }));
    expect(status).toBe(200);
    expect(text).toMatch(/^probe failed reason="config" phase="connect"/m);
  });
});

test('probes on demand stand in line with those on a schedule', async () => {
  const { port, open } = await silentServer();
  const tested = await start(`${allowed()}scheduling: { probe_concurrency: 2 }\n`);
  const asked = Array.from({ length: 5 }, () =>
    tested.get(query({ target: `http://127.0.0.1:${port}/` }), {
      headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '1.2' },
    }),
  );
  await until(() => open() === 2);
  const most: number[] = [];
  const watch = setInterval(() => most.push(open()), 5);
  const answers = await Promise.all(asked);
  clearInterval(watch);

  expect(Math.max(...most)).toBe(2);
  // Those in line get no more time than they asked for.
  expect(answers.map(({ text }) => text.includes('\nprobe_success 0\n'))).toEqual(answers.map(() => true));
});

test('the config is refused where it enables probes of nothing, or of what does not exist', async () => {
  await expect(start(`${modules}probe: { enabled: true }`)).rejects.toThrow(
    /probe\.modules: is empty[\s\S]*probe\.targets: is empty/,
  );
  await expect(start(allowed().replace('[http_2xx,', '[http_3xx,'))).rejects.toThrow(
    'probe.modules.0: unknown module "http_3xx"; did you mean "http_2xx"?',
  );
  await expect(start(allowed().replace('cidr: 127.0.0.1', 'cidr: 127.0.0.1/40'))).rejects.toThrow('is not a network');
  await expect(start(allowed('["80-"]'))).rejects.toThrow('is no port');
});

test.each([
  [undefined, 5_000, 119_500],
  ['', 5_000, 119_500],
  ['10', 5_000, 9_500],
  ['3', 2_500, 2_500],
  ['1e1', 5_000, 9_500],
  ['+.6e1', 5_000, 5_500],
  ['0', 5_000, 119_500],
  // A timer that is set for longer than it can be fires at once.
  ['1e9', 5_000, 2 ** 31 - 1],
  // Nothing is left of the scrape: blackbox_exporter gives the module's time, and none where the module has none.
  ['0.5', 5_000, 250],
  ['0.2', 5_000, 100],
  ['-1', 5_000, 119_500],
  ['abc', undefined, undefined],
  [' ', undefined, undefined],
  ['10s', undefined, undefined],
  ['0x10', undefined, undefined],
  ['0b1', undefined, undefined],
  ['.', undefined, undefined],
  ['1e999', undefined, undefined],
  ['NaN', undefined, undefined],
  ['Infinity', undefined, undefined],
])('a scrape timeout of %j gives a probe of a module of 5 s %j ms, and %j ms without', (header, withOwn, without) => {
  expect(demandTimeoutMs(header, { timeoutMs: 5_000 }, 500)).toBe(withOwn);
  expect(demandTimeoutMs(header, {}, 500)).toBe(without);
});
