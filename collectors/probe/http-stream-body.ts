/** A body that comes as a stream of Node.js, as those of HTTP/2 do. */
import type { Readable } from 'node:stream';
import { ProbeFailure } from './failure.ts';
import { type BodySink, exchangeFailure, type ResponseBody } from './http-message.ts';
import { endedWithin } from './http-response-h1.ts';

/** Hands a stream over; its errors become failures, and so does an end before its end. */
export class StreamBody implements ResponseBody {
  readonly #stream: Readable;

  constructor(stream: Readable) {
    this.#stream = stream;
  }

  deliverTo(sink: BodySink): void {
    const stream = this.#stream;
    let over = false;
    const once = (tell: () => void): void => {
      if (over) return;
      over = true;
      tell();
    };
    stream.on('error', (error) =>
      once(() => sink.failed(error instanceof ProbeFailure ? error : exchangeFailure(error))),
    );
    stream.on('close', () => once(() => sink.failed(endedWithin())));
    stream.on('end', () => once(() => sink.end(performance.now())));
    // What was over before anybody listened tells no more of it.
    if (stream.readableAborted) once(() => sink.failed(endedWithin()));
    else stream.on('data', (bytes: Buffer) => sink.bytes(bytes));
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }
}
