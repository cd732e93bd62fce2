/**
 * Metric names from what the kernel calls a thing.
 */

/** A part of a metric name: `_` for each run of characters that a metric name cannot hold, with the `_` around it. */
export function metricNamePart(text: string): string {
  return text.replaceAll(/_*[^0-9A-Za-z_]+_*/g, '_');
}
