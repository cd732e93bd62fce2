import { expect, test } from 'vitest';
import { isStray } from '../../../src/plugins/stray-errors.ts';

const program = '/usr/lib/vitald';

function thrownAt(...frames: string[]): Error {
  const error = new Error('oh no');
  error.stack = ['Error: oh no', ...frames.map((frame) => `    at ${frame}`)].join('\n');
  return error;
}

test.each([
  [
    'in a plugin',
    true,
    thrownAt('Timeout.run (file:///etc/vitald/one.js?vitald=2:3:9)', 'listOnTimeout (node:internal/timers:5:1)'),
  ],
  [
    'in this program, called by a plugin',
    true,
    thrownAt('f (file:///usr/lib/vitald/dist/a.js:1:1)', 'file:///one.js?vitald=1:3:9'),
  ],
  ['in a socket that nobody hears', true, thrownAt('TCPConnectWrap.afterConnect (node:net:1:1)')],
  [
    'in this program',
    false,
    thrownAt('f (file:///usr/lib/vitald/dist/a.js:1:1)', 'listOnTimeout (node:internal/timers:5:1)'),
  ],
  ['somewhere, as a text', false, 'oh no'],
])('an error raised %s is a stray one of a plugin: %s', (_where, stray, error) => {
  expect(isStray(error, program)).toBe(stray);
});
