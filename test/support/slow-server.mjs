/**
 * A server that answers the first QUICK requests at once, and from then on each after DELAY milliseconds, however many
 * wait. A process of its own, so that it does not share an event loop with who measures. Prints its port; `/stats` tells
 * how many slow requests came and were answered, and the milliseconds from the first arrival to the last answer.
 * Usage: slow-server.mjs DELAY QUICK
 */
import { createServer } from 'node:http';

const [delayMs = 2000, quick = 0] = process.argv.slice(2).map(Number);
let seen = 0;
let arrived = 0;
let answered = 0;
let first = 0;
let lastArrival = 0;
let last = 0;

const server = createServer((request, response) => {
  if (request.url === '/stats') {
    response.end(JSON.stringify({ arrived, answered, startMs: lastArrival - first, allMs: last - first }));
    return;
  }
  seen += 1;
  if (seen <= quick) {
    response.end('quick');
    return;
  }
  arrived += 1;
  lastArrival = performance.now();
  if (arrived === 1) first = lastArrival;
  setTimeout(() => {
    response.end('slow');
    answered += 1;
    last = performance.now();
  }, delayMs);
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.stdout.write(`${server.address().port}\n`);
});
