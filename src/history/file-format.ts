/**
 * The history as a file: `vitald\0h`, the version and the length of the header in four bytes each, the header as JSON, the
 * points of the charts, for each check its key (length in two bytes, UTF-8) and its row, and the CRC-32 of all that. Numbers
 * are little-endian.
 *
 * It is made piece by piece, so that the event loop turns in between; each row is whole, others may be some runs older.
 */
import { crc32 } from 'node:zlib';
import type { HostChartId } from '../api/types.ts';
import type { SeriesColumns } from './chart.ts';
import { CheckRows } from './check-rows.ts';
import type { History, KeptRows } from './history.ts';
import { charts } from './host-charts.ts';
import { type Layout, layoutOf, windows } from './layout.ts';
import type { Change } from './state-changes.ts';

const magic = Buffer.from('vitald\0h', 'latin1');
/** What this program writes, and the only version that it reads. */
export const fileVersion = 1;

/** The host as a whole. */
export interface HostState {
  readonly state: 'well' | 'trouble';
  readonly sinceAt: number;
}

interface Header {
  readonly writtenAt: number;
  readonly host: HostState | null;
  readonly layout: Pick<Layout, 'runs' | 'latencyStepMs' | 'latencyRows' | 'stride'>;
  readonly windows: readonly (readonly [number, number])[];
  readonly rows: number;
  readonly charts: readonly {
    readonly id: HostChartId;
    readonly points: number;
    readonly series: readonly { readonly name: string; readonly device: string | null }[];
  }[];
  readonly changes: readonly Change[];
}

/** What a file holds. */
export interface KeptHistory {
  readonly writtenAt: number;
  readonly host: HostState | undefined;
  readonly checks: KeptRows;
  readonly charts: readonly { id: HostChartId; times: Float64Array; series: readonly SeriesColumns[] }[];
  readonly changes: readonly Change[];
}

/** A file that cannot be used: it is damaged, or of a later version than this program knows. */
export class UnusableHistory extends Error {
  readonly kind: 'damaged' | 'newer';

  constructor(kind: UnusableHistory['kind'], message: string) {
    super(message);
    this.name = 'UnusableHistory';
    this.kind = kind;
  }
}

const rowsPerPiece = 256;

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** The pieces of a file; throws where the rows were exchanged since the first piece. */
export function* encodeHistory(history: History, host: HostState | undefined, now: number): Generator<Buffer> {
  const { rows, version } = history;
  const { runs, latencyStepMs, latencyRows, stride } = rows.layout;
  const drawn = charts.map(({ id }) => ({ id, ...history.charts.of(id).since(-Infinity) }));
  const header: Header = {
    writtenAt: now,
    host: host ?? null,
    layout: { runs, latencyStepMs, latencyRows, stride },
    windows: windows.map(({ stepMs, buckets }) => [stepMs, buckets]),
    rows: rows.count,
    charts: drawn.map(({ id, times, series }) => ({
      id,
      points: times.length,
      series: series.map(({ name, device = null }) => ({ name, device })),
    })),
    changes: history.changes.list(),
  };
  const text = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(16);
  magic.copy(head);
  head.writeUInt32LE(fileVersion, 8);
  head.writeUInt32LE(text.length, 12);
  let checksum = 0;
  const summed = (piece: Buffer): Buffer => {
    checksum = crc32(piece, checksum);
    return piece;
  };
  yield summed(Buffer.concat([head, text]));
  yield summed(
    Buffer.concat(
      drawn.flatMap(({ times, series }) => [bytesOf(times), ...series.map(({ values }) => bytesOf(values))]),
    ),
  );
  for (let from = 0; from < rows.count; from += rowsPerPiece) {
    if (history.version !== version) throw new Error('the checks changed while the history was written');
    const to = Math.min(rows.count, from + rowsPerPiece);
    const names = history.keys(from, to).map((key) => Buffer.from(key).subarray(0, 0xffff));
    const piece = Buffer.allocUnsafe(names.reduce((sum, name) => sum + 2 + name.length + stride, 0));
    let at = 0;
    for (const [index, name] of names.entries()) {
      at = piece.writeUInt16LE(name.length, at);
      at += name.copy(piece, at);
      piece.set(rows.bytes(from + index, from + index + 1), at);
      at += stride;
    }
    yield summed(piece);
  }
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(checksum >>> 0);
  yield tail;
}

/** Reads a file; throws `UnusableHistory`. */
export function decodeHistory(file: Buffer): KeptHistory {
  if (file.length < 20 || !file.subarray(0, 8).equals(magic)) throw damaged('it does not begin as a history does');
  // A later version may have its checksum elsewhere.
  const version = file.readUInt32LE(8);
  if (version > fileVersion && version < 1_000)
    throw new UnusableHistory('newer', `it is of version ${version}, written by a later vitald`);
  const end = file.length - 4;
  if (version !== fileVersion || crc32(file.subarray(0, end)) >>> 0 !== file.readUInt32LE(end)) {
    throw damaged('its checksum is not that of its content');
  }
  try {
    return read(file.subarray(0, end));
  } catch (error) {
    if (error instanceof UnusableHistory) throw error;
    throw damaged(error instanceof Error ? error.message : String(error));
  }
}

function damaged(what: string): UnusableHistory {
  return new UnusableHistory('damaged', what);
}

function read(file: Buffer): KeptHistory {
  const headerEnd = 16 + file.readUInt32LE(12);
  const header = JSON.parse(file.toString('utf8', 16, headerEnd)) as Header;
  let at = headerEnd;
  const take = (length: number): Uint8Array<ArrayBuffer> => {
    if (at + length > file.length) throw damaged('it ends too early');
    // A copy, as numbers must lie at multiples of their size.
    const taken = new Uint8Array(file.subarray(at, at + length));
    at += length;
    return taken;
  };
  const kept = header.charts.map(({ id, points, series }) => ({
    id,
    times: new Float64Array(take(points * 8).buffer),
    series: series.map(({ name, device }) => ({
      name,
      device: device ?? undefined,
      values: new Float32Array(take(points * 4).buffer),
    })),
  }));
  const { runs, latencyStepMs, latencyRows, stride } = header.layout;
  const layout = layoutOf(runs, latencyStepMs / 60_000, latencyRows);
  const sameWindows =
    JSON.stringify(header.windows) === JSON.stringify(windows.map(({ stepMs, buckets }) => [stepMs, buckets]));
  if (layout.stride !== stride || !sameWindows) throw damaged('its rows are laid out in another way');
  if (header.rows * stride > file.length) throw damaged('it ends too early');
  const rows = new CheckRows(layout, header.rows);
  const keys: string[] = [];
  for (let row = 0; row < header.rows; row += 1) {
    const [low = 0, high = 0] = take(2);
    keys.push(Buffer.from(take(low + high * 256)).toString());
    rows.bytes(row, row + 1).set(take(stride));
  }
  return {
    writtenAt: header.writtenAt,
    host: header.host ?? undefined,
    checks: { keys, rows },
    charts: kept,
    changes: header.changes,
  };
}
