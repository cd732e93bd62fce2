import { expect, test } from 'vitest';
import { http } from '../../../collectors/probe/http.ts';
import { icmp } from '../../../collectors/probe/icmp.ts';
import { tcp } from '../../../collectors/probe/tcp.ts';
import { expectedReasons } from '../../../src/checks/reasons.ts';

test('the reasons that a prober and a target make likely are counted from 0, and no others', () => {
  expect(expectedReasons(http, 'http://shop.example/')).toEqual(['timeout', 'dns', 'connect', 'status']);
  expect(expectedReasons(http, 'https://shop.example/')).toEqual([
    'timeout',
    'dns',
    'connect',
    'status',
    'tls',
    'expired',
  ]);
  expect(expectedReasons(tcp, 'shop.example:25')).toEqual(['timeout', 'dns', 'connect']);
  expect(expectedReasons(icmp, 'shop.example')).toEqual(['timeout', 'dns']);
  expect(expectedReasons({ ...tcp, reasons: ['body'] }, 'shop.example:25')).toEqual(['body']);
});
