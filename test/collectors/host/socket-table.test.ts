import { expect, test } from 'vitest';
import { addSockets, noSockets } from '../../../collectors/host/socket-table.ts';

const heading = '  sl  local_address rem_address   st tx_queue rx_queue\n';

test('adds up the lines, the last without a line feed too', () => {
  const totals = noSockets();
  const line = '   0: 0100007F:0CEA 0100007F:8A3C 0b 00000010:000000ff 00:00000000 ';
  addSockets('net/tcp', Buffer.from(`${heading}${line}\n${line}`), totals);

  expect(totals).toEqual({ byState: new Map([[11, 2]]), sendQueue: 32, receiveQueue: 510 });
});

test('a table without sockets adds nothing', () => {
  const totals = noSockets();
  addSockets('net/tcp', Buffer.from(heading), totals);

  expect(totals).toEqual(noSockets());
});

test.each([
  ['no heading', ''],
  ['a line cut within the queues', `${heading}   0: 0100007F:0CEA 0100007F:8A3C 0B 00000010:0000`],
  [
    'a line cut within the addresses, before a whole one',
    `${heading}   0: 0100007F\n   1: 0100007F:0CEA 0100007F:8A3C 0B 00000010:00000000 \n`,
  ],
  ['a state that is no number', `${heading}   0: 0100007F:0CEA 0100007F:8A3C xx 00000010:00000000 00\n`],
  ['a queue that is no number', `${heading}   0: 0100007F:0CEA 0100007F:8A3C 0B 0000001z:00000000 00\n`],
  ['queues without a colon', `${heading}   0: 0100007F:0CEA 0100007F:8A3C 0B 00000010 00000000 00\n`],
  ['an empty line', `${heading}\n`],
])('refuses %s', (_, torn) => {
  expect(() => addSockets('net/tcp', Buffer.from(torn), noSockets())).toThrow(/net\/tcp/);
});
