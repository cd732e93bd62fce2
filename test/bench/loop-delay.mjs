/**
 * Loaded before the daemon: tells on request for how long its event loop was blocked at most since the last request.
 * The histogram runs only between the two, so that it costs nothing else.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolution = 1;
const delay = monitorEventLoopDelay({ resolution });
process.on('message', (request) => {
  if (request === 'start') {
    delay.reset();
    delay.enable();
    process.send('started');
  } else if (request === 'stop') {
    delay.disable();
    process.send({ maxMs: Math.max(0, delay.max / 1e6 - resolution) });
  }
});
process.channel.unref();
