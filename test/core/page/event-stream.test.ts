import { expect, test } from 'vitest';
import { EventStreamParser, type StreamEvent } from '../../../src/page/event-stream.ts';
import * as fc from '../../support/properties.ts';

const stream =
  ': hello\n\nid: 7\nevent: update\ndata: {"a":1}\n\ndata: one\r\ndata:two\r\n\r\nevent: empty\n\n:\nid\ndata\n\n';
const events: StreamEvent[] = [
  { type: 'update', data: '{"a":1}', id: '7' },
  { type: 'message', data: 'one\ntwo', id: '7' },
  { type: 'message', data: '', id: '' },
];

test('events have a type, data of several lines, and the last id', () => {
  expect(new EventStreamParser().push(stream)).toEqual(events);
});

test('it does not matter where the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
      const parser = new EventStreamParser();
      const places = [0, ...cuts.toSorted((one, other) => one - other), stream.length];
      const found = places.slice(1).flatMap((end, at) => parser.push(stream.slice(places[at], end)));

      expect(found).toEqual(events);
    }),
  );
});

test('an event that has not ended is none yet', () => {
  const parser = new EventStreamParser();

  expect(parser.push('data: x\n')).toEqual([]);
  expect(parser.push('\n')).toEqual([{ type: 'message', data: 'x', id: '' }]);
});
