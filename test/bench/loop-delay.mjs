/**
 * Loaded before the daemon: tells on request for how long its event loop was blocked at most since the last request, and
 * the longest collection of garbage in that time. Both are watched only between the two requests, so that it costs nothing
 * else.
 */
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';

const resolution = 1;
const delay = monitorEventLoopDelay({ resolution });
let longestCollectionMs = 0;
const note = (entries) => {
  for (const { duration } of entries) longestCollectionMs = Math.max(longestCollectionMs, duration);
};
const collections = new PerformanceObserver((list) => note(list.getEntries()));
process.on('message', (request) => {
  if (request === 'start') {
    longestCollectionMs = 0;
    delay.reset();
    delay.enable();
    collections.observe({ entryTypes: ['gc'] });
    process.send('started');
  } else if (request === 'stop') {
    delay.disable();
    note(collections.takeRecords());
    collections.disconnect();
    process.send({ maxMs: Math.max(0, delay.max / 1e6 - resolution), collectionMs: longestCollectionMs });
  }
});
process.channel.unref();
