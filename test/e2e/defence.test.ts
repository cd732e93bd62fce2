import { writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { testCertificates } from '../support/certificates.ts';
import { startDaemon, temporaryFolder, until } from '../support/program.ts';

const hashOfSesame = '$2b$10$QnCDhARbqAD0GJs9L8.glu.rZIpwsBMITiBPc8BE.E5Z.eVLosXt6';
const authorization = `Basic ${Buffer.from('prometheus:open-sesame').toString('base64')}`;

interface Attack {
  readonly idle: readonly Socket[];
  readonly slow: readonly Socket[];
}

const isOpen = (socket: Socket): boolean => !socket.destroyed && socket.readyState === 'open';

/** Opens connections that say nothing, and some that go on from `beginning` a byte at a time. */
async function attack(port: number, idle: number, slow: number, beginning: string | Buffer): Promise<Attack> {
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  for (let opened = 0; opened < idle + slow; opened += 1) {
    const socket = connect({ port, host: '127.0.0.1' });
    // To be cut off is what it is there for.
    socket.on('error', () => {});
    socket.resume();
    sockets.push(socket);
    // Not more at once than wait in the backlog.
    if (opened % 200 === 199) await new Promise((resolve) => socket.once('connect', resolve));
  }
  await until(() => sockets.every((socket) => !socket.connecting));
  const dribbling = sockets.slice(idle);
  for (const socket of dribbling) socket.write(beginning);
  const dribble = setInterval(() => {
    for (const socket of dribbling) if (isOpen(socket)) socket.write('x');
  }, 250);
  onTestFinished(() => clearInterval(dribble));
  return { idle: sockets.slice(0, idle), slow: dribbling };
}

/** One scrape over a connection of its own: its status and how long it took to the last byte. */
function scrape(
  url: string,
  headers: Record<string, string> = { authorization },
): Promise<{ status: number; ms: number }> {
  const from = performance.now();
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const options = { agent: false as const, ca: testCertificates().root.cert, headers };
    send(`${url}/metrics`, options, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode!, ms: performance.now() - from }));
    })
      .on('error', reject)
      .end();
  });
}

async function scrapes(url: string, count: number): Promise<{ statuses: Set<number>; sorted: number[] }> {
  const results = [];
  for (let done = 0; done < count; done += 1) results.push(await scrape(url));
  return {
    statuses: new Set(results.map(({ status }) => status)),
    sorted: results.map(({ ms }) => ms).sort((a, b) => a - b),
  };
}

test.each([
  { kind: 'kept open', scheme: 'http', limit: 4_000, open: 2_200 },
  // The last place is the one that the scrape took.
  { kind: 'beyond the limit of connections', scheme: 'http', limit: 1_000, open: 999 },
  { kind: 'in front of TLS', scheme: 'https', limit: 4_000, open: 2_200 },
])(
  '2,000 idle and 200 slow connections, $kind, leave 95 of 100 scrapes under 100 ms',
  async ({ kind, scheme, limit, open }) => {
    const { good } = testCertificates();
    const web = join(temporaryFolder(), 'web.yml');
    const tls = `tls_server_config: { cert_file: ${good.certFile}, key_file: ${good.keyFile} }\n`;
    writeFileSync(web, `${scheme === 'https' ? tls : ''}basic_auth_users: { prometheus: "${hashOfSesame}" }\n`);
    const daemon = await startDaemon('', [`--web.config.file=${web}`, `--web.max-connections=${limit}`]);
    const url = daemon.url.replace('http:', `${scheme}:`);
    const first = await scrape(url);

    // A header without an end, or half a kilobyte of a TLS handshake.
    const beginning = scheme === 'http' ? 'GET / HTTP/1.1\r\nhost: ' : Buffer.from([0x16, 3, 1, 2, 0]);
    const { idle, slow } = await attack(Number(new URL(url).port), 2_000, 200, beginning);
    // The kernel has them all; this one waits until the daemon has them too.
    const behind = await scrape(url);
    const { statuses, sorted } = await scrapes(url, 100);
    const held = [...idle, ...slow].filter(isOpen).length;

    const before = `password verified in ${first.ms.toFixed(0)} ms, all connections taken in ${behind.ms.toFixed(0)} ms`;
    const figures = `scrapes: median ${sorted[50]!.toFixed(1)} ms, 95th ${sorted[95]!.toFixed(1)} ms, worst ${sorted.at(-1)!.toFixed(1)} ms`;
    process.stdout.write(`${kind}: ${before}; ${figures}; ${held} of 2,200 connections open meanwhile\n`);
    expect([...statuses, first.status]).toEqual([200, 200]);
    // The host has other work, a round of all collectors among it: a few may be late for that.
    expect(sorted[95]).toBeLessThan(100);
    expect(held).toBe(open);
  },
);

test('slow connections are cut off, over TLS as well, while a client that waits for its next scrape is not', async () => {
  const { good } = testCertificates();
  const web = join(temporaryFolder(), 'web.yml');
  writeFileSync(web, `tls_server_config: { cert_file: ${good.certFile}, key_file: ${good.keyFile} }\n`);
  const [plain, secure] = [await startDaemon(''), await startDaemon('', [`--web.config.file=${web}`])];
  const patient = connect({ port: Number(new URL(plain.url).port), host: '127.0.0.1' });
  onTestFinished(() => void patient.destroy());
  patient.resume().write('GET /-/healthy HTTP/1.1\r\nhost: x\r\n\r\n');
  const from = performance.now();

  const attacks = [
    await attack(Number(new URL(plain.url).port), 10, 10, 'POST / HTTP/1.1\r\nhost: '),
    await attack(Number(new URL(plain.url).port), 0, 10, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\n\r\n'),
    await attack(Number(new URL(secure.url).port), 10, 10, Buffer.from([0x16, 3, 1, 2, 0])),
  ];
  const open = () => attacks.flatMap(({ idle, slow }) => [...idle, ...slow]).filter(isOpen).length;
  const most = open();
  await until(
    () => open() === 0,
    () => `${open()} connections stay open`,
    25_000,
  );

  process.stdout.write(
    `${most} idle and slow connections were cut off in ${((performance.now() - from) / 1000).toFixed(1)} s\n`,
  );
  expect(most).toBe(50);
  expect(isOpen(patient)).toBe(true);
});

test('guesses at passwords leave nine of ten scrapes under 100 ms, and are turned away when they are many', async () => {
  const web = join(temporaryFolder(), 'web.yml');
  writeFileSync(web, `basic_auth_users: { prometheus: "${hashOfSesame}" }\n`);
  const daemon = await startDaemon('', [`--web.config.file=${web}`]);
  await scrape(daemon.url);
  const counted = new Map<number, number>();
  const guessing = new AbortController();
  const guess = async (who: number): Promise<void> => {
    for (let tries = 0; !guessing.signal.aborted; tries += 1) {
      const guessed = `${who % 2 === 0 ? 'prometheus' : `user${tries}`}:guess ${who} ${tries}`;
      const { status } = await scrape(daemon.url, {
        authorization: `Basic ${Buffer.from(guessed).toString('base64')}`,
      });
      counted.set(status, (counted.get(status) ?? 0) + 1);
      // Each guesser waits a little, as the test's own process must leave room for the scrapes.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const guessers = Array.from({ length: 20 }, (_, who) => guess(who));

  const { statuses, sorted } = await scrapes(daemon.url, 100);
  await until(() => (counted.get(401) ?? 0) >= 5);
  guessing.abort();
  await Promise.all(guessers);

  const told = [...counted].map(([status, count]) => `${count} times ${status}`).join(', ');
  process.stdout.write(
    `guesses: median ${sorted[50]!.toFixed(1)} ms, worst ${sorted.at(-1)!.toFixed(1)} ms; ${told}\n`,
  );
  expect([...statuses]).toEqual([200]);
  // The guessers share their process with the scraper, so a few of its times are theirs.
  expect(sorted[90]).toBeLessThan(100);
  expect([...counted.keys()].toSorted((a, b) => a - b)).toEqual([401, 503]);
});
