/** The built status page. Nothing of it is read before somebody asks, and then it stays in memory, packed once. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** One file of the page. */
export interface PageFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
  /** A strong validator in quotes, for `ETag`. */
  readonly etag: string;
}

/** The files of the page by their path below its address: `index.html`, `assets/…`. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const pack = promisify(gzip);

async function readPageFile(path: string, type: string): Promise<PageFile> {
  const plain = await readFile(path);
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return { type, plain, gzip: await pack(plain, { level: 9 }), etag };
}

/** Reads a built page; undefined where there is none, as in a checkout that was not built. */
export async function readPage(folder: string): Promise<PageFiles | undefined> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const found = names.flatMap((name) => {
    const type = types[extname(name)];
    return type === undefined ? [] : [{ name: name.replaceAll('\\', '/'), type }];
  });
  const files = await Promise.all(
    found.map(async ({ name, type }) => [name, await readPageFile(join(folder, name), type)] as const),
  );
  return files.length === 0 ? undefined : new Map(files);
}
