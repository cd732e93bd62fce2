/**
 * How many jobs wait in queues that are Redis lists, streams or sets, such as those of Sidekiq, BullMQ or Celery.
 *
 *     plugins: [./redis-queues.js]
 *     collectors:
 *       redis_queues: { queues: ['queue:default', 'queue:mail'], password: '${file:redis-password}' }
 *
 * What this example shows: a source over the network, without a client library. One connection stays open between runs;
 * the deadline of a run ends it; a password is a Secret, which no log and no page can show. There is no `up` of its own: a
 * run that throws makes node_scrape_collector_success{collector="redis_queues"} 0, and the series end by themselves.
 *
 * The protocol is RESP: a request is a list of strings, an answer begins with a character that tells its kind.
 * https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
import { connect } from 'node:net';
import { CollectError, defineCollector, gauge, secret, z } from 'vitald';

const depth = gauge('redis_queue_jobs', 'Jobs that wait in the queue.', ['queue']);

// Each kind of key has a command that tells its length in constant time; KEYS or SCAN would burden the server.
const lengthCommands = { list: 'LLEN', stream: 'XLEN', set: 'SCARD', zset: 'ZCARD' };

export const redisQueues = defineCollector({
  name: 'redis_queues',
  summary: 'Jobs that wait in Redis.',
  source: 'a Redis server',
  enabled: true,
  schedule: '15s',
  timeout: '3s',
  families: [depth],
  config: z.strictObject({
    host: z.string().default('127.0.0.1').describe('The server.'),
    port: z.int().min(1).max(65_535).default(6379).describe('Its port.'),
    username: z.string().optional().describe('The user, where the server has some.'),
    password: secret().optional().describe('The password.'),
    database: z.int().min(0).default(0).describe('The number of the database.'),
    queues: z.array(z.string()).default([]).describe('The keys whose length is wanted.'),
  }),
  create({ host, port, username, password, database, queues }, { log }) {
    let connection;

    /** The connection of the run before, or a new one that has logged in. */
    async function connected(signal) {
      if (connection?.isOpen) return connection;
      connection = await openConnection({ host, port }, signal);
      // reveal() gives the text of a secret; call it where it is sent and nowhere else.
      if (password !== undefined) {
        await connection.ask(['AUTH', ...(username === undefined ? [] : [username]), password.reveal()], signal);
      }
      if (database !== 0) await connection.ask(['SELECT', String(database)], signal);
      log.debug({ host, port }, 'connected to Redis');
      return connection;
    }

    return {
      async collect(signal) {
        try {
          const redis = await connected(signal);
          const samples = [];
          for (const queue of queues) {
            const kind = await redis.ask(['TYPE', queue], signal);
            // A key that is not there is an empty queue: Redis removes a list with its last entry.
            const command = lengthCommands[kind];
            const length = command === undefined ? 0 : await redis.ask([command, queue], signal);
            samples.push(depth.sample(length, { queue }));
          }
          return samples;
        } catch (error) {
          // An answer may be half read: the next run starts on a fresh connection.
          connection?.close();
          // With a code, so that it is taken for a failure of the source and not for a bug of this file.
          throw new CollectError('SOURCE_UNREADABLE', `Redis at ${host}:${port}: ${error.message}`, { cause: error });
        }
      },
      // Called once, when the daemon stops or the collector leaves the configuration.
      close() {
        connection?.close();
      },
    };
  },
});

/** Connects; the signal gives up. */
async function openConnection(target, signal) {
  const socket = connect(target);
  let received = Buffer.alloc(0);
  let answered; // what the request under way waits for
  const end = (error) => {
    socket.destroy();
    answered?.reject(error);
    answered = undefined;
  };
  socket.on('error', end);
  socket.on('close', () => end(new Error('the server closed the connection')));
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    const answer = parseAnswer(received);
    if (answer === undefined || answered === undefined) return;
    received = received.subarray(answer.length);
    if (answer.error === undefined) answered.resolve(answer.value);
    else answered.reject(new Error(answer.error));
    answered = undefined;
  });
  // A connection that is kept must not keep the process alive.
  socket.unref();

  /** Waits for what `start` sets off, until the signal aborts. */
  function waiting(signal, start) {
    return new Promise((resolve, reject) => {
      const abort = () => end(signal.reason);
      answered = {
        resolve: (value) => (signal.removeEventListener('abort', abort), resolve(value)),
        reject: (error) => (signal.removeEventListener('abort', abort), reject(error)),
      };
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
      else start();
    });
  }

  await waiting(signal, () => {
    socket.once('connect', () => {
      answered?.resolve();
      answered = undefined;
    });
  });
  return {
    get isOpen() {
      return !socket.destroyed;
    },
    ask: (words, signal) => waiting(signal, () => socket.write(formatRequest(words))),
    close: () => socket.destroy(),
  };
}

/** A request: a list of strings, each with its length in bytes. */
function formatRequest(words) {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

/** The answer at the start of some bytes and how long it is; undefined while it is not complete. */
export function parseAnswer(bytes) {
  const end = bytes.indexOf('\r\n');
  if (end === -1) return undefined;
  const rest = bytes.toString('utf8', 1, end);
  const length = end + 2;
  switch (String.fromCharCode(bytes[0])) {
    case '+':
      return { value: rest, length };
    case ':':
      return { value: Number(rest), length };
    case '-':
      return { error: rest, length };
    default:
      return { error: 'an answer that was not expected', length };
  }
}
