/**
 * A server that answers the first QUICK requests at once, and from then on each after DELAY milliseconds, however many
 * wait. A process of its own, so that it does not share an event loop with who measures. Prints its port; `/stats` tells
 * of each round of ROUND slow requests how many milliseconds passed from the first arrival to the last, and to the last
 * answer. Usage: slow-server.mjs DELAY QUICK ROUND
 */
import { createServer } from 'node:http';

const [delayMs = 2000, quick = 0, size = 1000] = process.argv.slice(2).map(Number);
let seen = 0;
let arrived = 0;
const rounds = [];

function roundOf(index) {
  rounds[index] ??= { first: performance.now(), lastArrival: 0, last: 0, answered: 0 };
  return rounds[index];
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
  const round = roundOf(Math.floor(arrived / size));
  arrived += 1;
  round.lastArrival = performance.now();
  setTimeout(() => {
    response.end('slow');
    round.answered += 1;
    round.last = performance.now();
  }, delayMs);
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.stdout.write(`${server.address().port}\n`);
});
