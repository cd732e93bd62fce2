import { describe, expect, test } from 'vitest';
import { config, hostile, modules, started } from '../../support/api-daemon.ts';

describe('badges', () => {
  test('are off unless the config turns them on', async () => {
    const { get } = await started();
    expect((await get('/badge/up/state.svg')).status).toBe(404);
  });

  test('show state, latency and availability, and nothing that a browser would run or fetch', async () => {
    const { get, url } = await started(`web: { badges: true }\n${config}`);
    const message = async (path: string): Promise<string> => {
      const { status, type, text } = await get(`/badge/${path}`);
      expect([status, type]).toEqual([200, 'image/svg+xml; charset=utf-8']);
      return /<title>(.*)<\/title>/s.exec(text)![1]!;
    };
    expect(await message('up/state.svg')).toBe('up: up');
    expect(await message('down/state.svg')).toBe('down: down');
    expect(await message('up/latency.svg')).toMatch(/^up: [\d.]+ ms$/);
    expect(await message('up/availability.svg')).toBe('up: 100 %');
    expect(await message('down/availability.svg?window=week')).toBe('down: 0.00 %');
    expect(await message(`${encodeURIComponent(hostile)}/state.svg`)).toContain('&lt;script&gt;');
    const { headers } = await fetch(`${url}/badge/up/state.svg`);
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('there are none for anything else', async () => {
    const { get } = await started(`web: { badges: true }\n${config}`);
    for (const path of ['nobody/state.svg', 'up/other.svg', 'up', '', 'up/state.svg/']) {
      expect([path, (await get(`/badge/${path}`)).status]).toEqual([path, 404]);
    }
    expect((await get('/badge/up/availability.svg?window=year')).status).toBe(400);
  });

  test('of a check whose name has a slash are found', async () => {
    const { get } = await started(
      `web: { badges: true }\n${modules}checks: [{ name: shops, targets: ["https://a.example/x"], module: fake }]`,
    );
    expect((await get('/badge/shops/https://a.example/x/state.svg')).status).toBe(200);
    expect((await get(`/badge/${encodeURIComponent('shops/https://a.example/x')}/state.svg`)).status).toBe(200);
  });
});
