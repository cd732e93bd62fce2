/**
 * A server that answers the first QUICK requests at once, and from then on each after DELAY milliseconds, however many
 * wait. A process of its own, so that it does not share an event loop with who measures. Prints its port; `/stats` tells
 * of each round of slow requests how many they were and how many milliseconds passed from the first arrival to the last,
 * and to the last answer; a second without an arrival ends a round. Usage: slow-server.mjs DELAY QUICK
 */
import { createServer } from 'node:http';

const [delayMs = 2000, quick = 0] = process.argv.slice(2).map(Number);
let seen = 0;
let arrived = 0;
const rounds = [];

function roundOf(now) {
  const latest = rounds.at(-1);
  if (latest !== undefined && now - latest.lastArrival < 1000) return latest;
  const next = { first: now, lastArrival: now, last: now, answered: 0 };
  rounds.push(next);
  return next;
}

const server = createServer((request, response) => {
  if (request.url === '/stats') {
    const told = rounds.map(({ first, lastArrival, last, answered }) => ({
      answered,
      startMs: lastArrival - first,
      allMs: last - first,
    }));
    response.end(JSON.stringify({ arrived, rounds: told }));
    return;
  }
  seen += 1;
  if (seen <= quick) {
    response.end('quick');
    return;
  }
  const now = performance.now();
  const round = roundOf(now);
  arrived += 1;
  round.lastArrival = now;
  setTimeout(() => {
    response.end('slow');
    round.answered += 1;
    round.last = performance.now();
  }, delayMs);
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.stdout.write(`${server.address().port}\n`);
});
