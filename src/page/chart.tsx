/** A chart drawn by uPlot, with a legend in text that tells the values under the pointer, or the latest. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { type ChartData, columnsOf, highest, latest, topOf } from './chart-data.ts';
import { hoursMinutes } from './format.ts';
import { useTheme } from './theme.ts';

/** How a chart looks. */
export interface ChartProps {
  readonly data: ChartData;
  /** A value in words. */
  readonly format: (value: number | null) => string;
  /** Whether the axis counts in powers of two. */
  readonly binary?: boolean;
  readonly heightPx: number;
  /** Without axes, where there is little room. */
  readonly compact?: boolean;
  /** The span of time that is shown, up to the newest; milliseconds. */
  readonly windowMs: number;
  readonly until: number;
  /** Charts of one group move their pointers together. */
  readonly group?: string;
  /** Moments to mark on the axis, such as failed runs. */
  readonly marks?: readonly number[];
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const axisFont = '11px Inter, system-ui, sans-serif';

function optionsOf(props: () => ChartProps, size: { width: number; height: number }): uPlot.Options {
  const { data, group, compact } = props();
  const lines = data.stacked ? data.lines.toReversed() : data.lines;
  const axis: uPlot.Axis = {
    font: axisFont,
    stroke: () => colour('--muted'),
    ticks: { show: false },
    grid: { stroke: () => colour('--hairline'), width: 1 },
  };
  return {
    ...size,
    padding: [6, compact === true ? 0 : 14, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { show: false },
      ...(group === undefined ? {} : { sync: { key: group } }),
    },
    scales: {
      x: { time: true, range: () => [(props().until - props().windowMs) / 1000, props().until / 1000] },
      y: { range: () => [0, yTop(props())] },
    },
    axes: [
      {
        ...axis,
        show: compact !== true,
        size: 22,
        gap: 4,
        space: 60,
        grid: { show: false },
        values: (_plot, splits) => splits.map((at) => hoursMinutes(at * 1000)),
      },
      {
        ...axis,
        show: compact !== true,
        size: 58,
        gap: 6,
        splits: () => {
          const top = yTop(props());
          return [0, top / 2, top];
        },
        values: (_plot, splits) =>
          splits.map((value) =>
            value === 0
              ? '0'
              : props()
                  .format(value)
                  .replace(/\.0+(?= )/, ''),
          ),
      },
    ],
    series: [
      {},
      ...lines.map((line): uPlot.Series => {
        const own = `--chart-${line.colour}`;
        return {
          stroke: () => colour(own),
          width: data.stacked ? 0 : 1.25,
          points: { show: false },
          ...(data.stepped === true ? { paths: uPlot.paths.stepped!({ align: 1 }) } : {}),
          ...(data.stacked ? { fill: () => colour(own) } : {}),
          ...(line.filled === true ? { fill: () => colour('--chart-fill') } : {}),
        };
      }),
    ],
    hooks: { draw: [(plot) => drawMarks(plot, props().marks ?? [])] },
  };
}

function yTop({ data, binary }: ChartProps): number {
  if (data.top !== undefined) return data.top;
  const most = Math.max(highest(data), data.least ?? 0);
  return binary === true ? topOf(most, [1, 2, 4, 10, 20, 50, 100, 200, 500], 1024) : topOf(most, [1, 2, 5], 10);
}

/** Small upright strokes on the axis. */
function drawMarks(plot: uPlot, marks: readonly number[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = colour('--down');
  for (const at of marks) {
    const x = plot.valToPos(at / 1000, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const unit = uPlot.pxRatio;
    ctx.fillRect(x - unit, bbox.top + bbox.height - 10 * unit, 2 * unit, 10 * unit);
  }
  ctx.restore();
}

/** The chart. */
export function Chart(props: ChartProps) {
  const { data, format, heightPx } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const current = useRef(props);
  current.current = props;
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const theme = useTheme();
  const shape = data.lines.map(({ label, colour: each, filled }) => `${label} ${each} ${filled}`).join();
  const columns = useMemo(() => columnsOf(data), [data]);

  useEffect(() => {
    const element = place.current!;
    const options = optionsOf(() => current.current, { width: element.clientWidth, height: heightPx });
    const made = new uPlot(options, columnsOf(current.current.data), element);
    (made.hooks.setCursor ??= []).push(({ cursor }) => setPointed(cursor.idx ?? undefined));
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: heightPx }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, heightPx, data.stacked, props.compact]);

  useEffect(() => {
    plot.current?.setData(columns);
  }, [columns, props.until]);

  useEffect(() => {
    plot.current?.redraw();
  }, [theme, props.marks]);

  const at = pointed !== undefined && pointed < data.times.length ? pointed : undefined;
  return (
    <>
      <div class="plot" ref={place} aria-hidden="true" style={{ height: `${heightPx}px` }} />
      <ul class="legend">
        {data.lines.map(({ label, colour: each, values, filled }) => (
          <li key={label}>
            <span class={`swatch swatch-${each}${filled === true || data.stacked ? '' : ' swatch-line'}`} />
            {label} <b>{format(at === undefined ? latest(values) : (values[at] ?? null))}</b>
          </li>
        ))}
        {at === undefined ? null : <li class="pointed">{hoursMinutes(data.times[at]!)}</li>}
      </ul>
    </>
  );
}
