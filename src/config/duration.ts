/** Durations as Prometheus writes them: `30s`, `1h30m`, `500ms`. */
import parseDuration from 'parse-duration';

// The library takes "5s foo" for five seconds; only what Prometheus' own parser takes gets to it.
const shape = /^(?:\d+(?:ms|s|m|h|d|w))+$/;

/** The length in milliseconds; undefined where the text is no duration. */
export function durationMs(text: string): number | undefined {
  if (text === '0') return 0;
  if (!shape.test(text)) return undefined;
  return parseDuration(text) ?? undefined;
}
