/**
 * Scrapes URL every 50 ms for MS milliseconds and prints how long each answer took, as JSON. A process of its own, before
 * others in the queue for a CPU where it may be: what is measured is the server, not who waits for it.
 * Usage: scraper.mjs URL MS
 */
import { Agent, get } from 'node:http';
import { setPriority } from 'node:os';

const [url = '', ms = '1000'] = process.argv.slice(2);
try {
  setPriority(-10);
} catch {
  // Only root may.
}
const agent = new Agent({ keepAlive: true });

const scrape = () =>
  new Promise((resolve, reject) => {
    const from = performance.now();
    get(url, { agent }, (response) => {
      response.resume();
      response.on('end', () => resolve(performance.now() - from));
    }).on('error', reject);
  });

// The first one is that of a cold client.
await scrape();
const times = [];
const end = performance.now() + Number(ms);
while (performance.now() < end) {
  times.push(await scrape());
  await new Promise((resolve) => setTimeout(resolve, 50));
}
process.stdout.write(`${JSON.stringify(times)}\n`);
agent.destroy();
