/** Reading bodies that are over before they are read. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { readBody } from '../../../collectors/probe/http-body.ts';
import { StreamBody } from '../../../collectors/probe/http-stream-body.ts';

const limits = { keep: true, wireLimit: 1000, limit: 1000 };

test.each(['', 'gzip', 'br', 'deflate'])(
  'a body that was cut off before anybody read it ends at once, compressed as "%s"',
  async (compression) => {
    const body = new PassThrough();
    body.write('half');
    body.destroy();
    await new Promise((resolve) => body.once('close', resolve));

    expect(await readBody(new StreamBody(body), { compression, ...limits })).toMatchObject({
      failure: { reason: 'protocol' },
    });
  },
);

test.each(['', 'gzip', 'br', 'deflate'])(
  'a body that is cut off while its decoder is found ends at once, compressed as "%s"',
  async (compression) => {
    const body = new PassThrough();
    const read = readBody(new StreamBody(body), { compression, ...limits });
    body.destroy();

    expect(await read).toMatchObject({ failure: { reason: 'protocol' } });
  },
);
