import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { drawReport, type ProbeReport } from '../../../src/cli/probe-report.ts';
import { gauge } from '../../../src/collector.ts';
import type { CertificateStep } from '../../../src/prober.ts';

const phase = gauge('probe_http_duration_seconds', 'Phases.', ['phase']);
const now = Date.UTC(2026, 10, 22, 12);

const good = {
  subject: 'CN=shop.example',
  issuer: 'CN=Some Authority',
  names: ['shop.example', '*.shop.example'],
  valid_from: '2026-09-01T00:00:00.000Z',
  valid_until: '2026-12-01T12:00:00.000Z',
};

const handshake = (more: Partial<CertificateStep> = {}) => ({
  step: 'certificate',
  facts: {
    server_name: 'shop.example',
    version: 'TLS 1.3',
    cipher: 'TLS_AES_128_GCM_SHA256',
    chain: [good],
    problem: undefined,
    accepted: true,
    ...more,
  },
});

const draw = (more: Partial<ProbeReport> = {}): string =>
  drawReport({
    target: 'https://shop.example/',
    outcome: { success: true, samples: [] },
    samples: [],
    durationSeconds: 0.004,
    steps: [],
    now,
    coloured: false,
    ...more,
  });

test('draws each phase from where the one before ended, and none for one that took no time', () => {
  const samples = [
    phase.sample(0.001, { phase: 'resolve' }),
    phase.sample(0, { phase: 'tls' }),
    phase.sample(0.003, { phase: 'processing' }),
  ];

  expect(draw({ samples })).toBe(
    [
      'https://shop.example/ is up',
      `  resolve          1.00 ms  ${'█'.repeat(10)}`,
      `  tls              0.00 ms  ${' '.repeat(10)}`,
      `  processing       3.00 ms  ${' '.repeat(10)}${'█'.repeat(30)}`,
      '  in all           4.00 ms',
      '',
    ].join('\n'),
  );
});

test('draws the certificates of a target, with what is left of each', () => {
  const root = { ...good, subject: 'CN=Root', issuer: 'CN=Root', names: [], valid_until: '2026-11-22T11:00:00.000Z' };
  const later = { ...good, valid_from: '2026-11-24T12:00:00.000Z' };
  const steps = [handshake({ chain: [good, root, later], problem: 'the root is odd', accepted: false })];

  expect(draw({ steps })).toBe(
    `https://shop.example/ is up
  in all           4.00 ms

  certificates for shop.example (TLS 1.3, TLS_AES_128_GCM_SHA256)
    1. CN=shop.example
       issuer  CN=Some Authority
       names   shop.example, *.shop.example
       valid   2026-09-01 to 2026-12-01, 9 days left
    2. CN=Root
       issuer  itself
       valid   2026-09-01 to 2026-11-22, expired 0 days ago
    3. CN=shop.example
       issuer  CN=Some Authority
       names   shop.example, *.shop.example
       valid   2026-11-24 to 2026-12-01, not before 2 days from now
  refused: the root is odd
`,
  );
});

test('draws every hop of a redirect, also one that gave no answer', () => {
  const steps = [
    { step: 'resolved', facts: { host: 'shop.example', address: '192.0.2.1' } },
    { step: 'connected', facts: { address: '192.0.2.1', port: 443 } },
    handshake({ problem: 'whatever', accepted: true }),
    { step: 'response', facts: { url: 'https://shop.example/', status: 302, protocol: 'HTTP/1.1' } },
    { step: 'redirected', facts: { status: 302, location: 'http://other.example/x' } },
    { step: 'resolved', facts: { host: 'other.example', address: '192.0.2.2' } },
  ];
  const outcome = { success: false, reason: 'connect', phase: 'connect', detail: 'refused', samples: [] } as const;
  const lines = draw({ steps, outcome }).split('\n');

  expect(lines[0]).toBe('https://shop.example/ is down in connect: connect: refused');
  expect(lines).toContain('hop 0: https://shop.example/ at 192.0.2.1: 302 HTTP/1.1, to http://other.example/x');
  expect(lines).toContain('  not verified, as the module says: whatever');
  expect(lines).toContain('hop 1: http://other.example/x: no answer');
});

test('colours only where it may, and the text is the same', () => {
  const steps = [handshake()];
  const coloured = draw({ steps, coloured: true });

  expect(coloured).toContain('\u001B[32m');
  expect(stripVTControlCharacters(coloured)).toBe(draw({ steps }));
  expect(draw({ steps })).not.toContain('\u001B');
});

test('shows no command to the terminal that a peer put into its certificate', () => {
  const evil = { ...good, subject: 'CN=\u001B]0;pwned\u0007', names: ['a\nb', 'c\u202Ed'], valid_until: '\u009B2J' };
  const outcome = { success: false, reason: 'tls', phase: 'tls', detail: 'x\u001B[2J', samples: [] } as const;
  const drawn = draw({ steps: [handshake({ chain: [evil] })], outcome });

  expect(drawn.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  expect(drawn).toContain('which is no time');
});
