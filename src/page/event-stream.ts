/** Server-sent events out of a stream of text, as the HTML standard has them. */

/** One event. */
export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  /** The last id that the stream has named; `''` before the first. */
  readonly id: string;
}

/** Takes a stream apart, however it is cut. */
export class EventStreamParser {
  #rest = '';
  #type = '';
  #data: string[] = [];
  #id = '';

  /** The events that end in this piece of the stream. */
  push(text: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop()!;
    for (const line of lines) {
      if (line !== '') this.#field(line);
      else {
        if (this.#data.length > 0) {
          events.push({ type: this.#type || 'message', data: this.#data.join('\n'), id: this.#id });
        }
        this.#type = '';
        this.#data = [];
      }
    }
    return events;
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#type = value;
    else if (name === 'data') this.#data.push(value);
    else if (name === 'id') this.#id = value;
  }
}
