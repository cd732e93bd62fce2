/** What modules of the http prober demand of a response. */
import { describe, expect, test } from 'vitest';
import { httpOptions } from '../../../collectors/probe/http-options.ts';
import { probe, serve, text, value } from '../../support/http-probes.ts';

describe('status', () => {
  test.each([
    [204, [], true],
    [302, [], false],
    [404, [404, 410], true],
    [200, [404], false],
  ])('%i with the valid codes %j: %s', async (status, valid_status_codes, success) => {
    const { url } = await serve(text('', {}, status));

    expect((await probe(url, { valid_status_codes })).success).toBe(success);
  });

  test('a bad one is the reason and the body is read all the same', async () => {
    const { url } = await serve(text('oops', {}, 500));
    const outcome = await probe(url, { fail_if_body_matches_regexp: ['oops'] });

    expect(outcome).toMatchObject({ success: false, reason: 'status', detail: 'status 500', phase: 'processing' });
    expect(value(outcome, 'probe_http_uncompressed_body_length')).toBe(4);
    expect(value(outcome, 'probe_failed_due_to_regex')).toBe(0);
  });
});

describe('conditions', () => {
  test.each([
    [{ fail_if_body_matches_regexp: ['h.llo'] }, 'body', 1],
    [{ fail_if_body_matches_regexp: ['absent', 'x+'] }, undefined, 0],
    [{ fail_if_body_not_matches_regexp: ['(?i)HELLO', String.raw`\pL+`] }, undefined, 0],
    [{ fail_if_body_not_matches_regexp: ['hello', 'absent'] }, 'body', 1],
    [{ fail_if_header_matches: [{ header: 'x-Test', regexp: '^two$' }] }, 'header', 1],
    [{ fail_if_header_matches: [{ header: 'X-Test', regexp: 'three' }] }, undefined, 0],
    [{ fail_if_header_matches: [{ header: 'X-No', regexp: 'x' }] }, 'header', 1],
    [{ fail_if_header_matches: [{ header: 'X-No', regexp: 'x', allow_missing: true }] }, undefined, 0],
    [{ fail_if_header_not_matches: [{ header: 'X-Test', regexp: 'two' }] }, undefined, 0],
    [{ fail_if_header_not_matches: [{ header: 'X-Test', regexp: 'three' }] }, 'header', 1],
    [{ fail_if_header_not_matches: [{ header: 'X-No', regexp: 'x' }] }, 'header', 1],
    [{ valid_http_versions: ['HTTP/1.1'] }, undefined, 0],
    [{ valid_http_versions: ['HTTP/2.0'] }, 'protocol', 0],
    [{ valid_http_versions: ['HTTP/3', 'HTTP/3.0'] }, 'protocol', 0],
    [{ valid_http_versions: ['HTTP/1.1', 'HTTP/2.0', 'HTTP/3.0'] }, undefined, 0],
    [{ fail_if_not_ssl: true }, 'tls', 0],
    [{ fail_if_ssl: true }, undefined, 0],
  ])('%j end with the reason %s', async (options, reason, failedRegex) => {
    const { url } = await serve(text('say hello', { 'X-Test': ['one', 'two'] }));
    const outcome = await probe(url, options);

    expect(outcome.success ? undefined : outcome.reason).toBe(reason);
    expect(value(outcome, 'probe_failed_due_to_regex')).toBe(failedRegex);
  });

  test.each([
    ['http', 'Gr\xc3\xb6\xc3\x9fe'],
    ['h2', 'Gr\xc3\xb6\xc3\x9fe'],
    // Which is no UTF-8.
    ['http', 'Gr\xf6\xdfe'],
  ] as const)('the bytes of a header over %s are matched as text: %s', async (kind, name) => {
    const { url } = await serve(text(Buffer.from('ok'), { 'X-Name': name }), kind);

    expect((await probe(url, { fail_if_header_not_matches: [{ header: 'X-Name', regexp: '^Gr.ße$' }] })).success).toBe(
      true,
    );
  });

  test.each([
    [{ body_size_limit: '3B' }, 'size', 1],
    [{ compression: 'br' }, 'body', 1],
    [{ body_size_limit: '3B', valid_status_codes: [404] }, 'status', 0],
  ])('a body that cannot be read for its regexp with %j fails due to it: %s, %i', async (options, reason, failed) => {
    const { url } = await serve(text('hello'));
    const outcome = await probe(url, { fail_if_body_matches_regexp: ['absent'], ...options });

    expect(outcome).toMatchObject({ success: false, reason });
    expect(value(outcome, 'probe_failed_due_to_regex')).toBe(failed);
    expect(value(await probe(url, { body_size_limit: '3B' }), 'probe_failed_due_to_regex')).toBe(0);
  });

  test('a regexp that would take JavaScript minutes takes no time', async () => {
    const { url } = await serve(text(`${'a'.repeat(50_000)}!`));
    const start = performance.now();

    expect((await probe(url, { fail_if_body_matches_regexp: ['^(a+)+$'] })).success).toBe(true);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('a body that is matched is read up to 1 MiB, or to what the module allows', async () => {
    const { url } = await serve(text(Buffer.alloc(1_100_000, 'x')));
    const wish = { fail_if_body_not_matches_regexp: ['x'] };

    expect(await probe(url, wish)).toMatchObject({ success: false, reason: 'size' });
    expect((await probe(url, { ...wish, body_size_limit: '2MB' })).success).toBe(true);
    expect((await probe(url)).success).toBe(true);
  });
});

describe('CEL', () => {
  const json = JSON.stringify({ n: 3, s: 'aaaa', list: [{ id: 1 }, { id: 2 }], deep: { ok: true } });

  test.each([
    [{ fail_if_body_json_matches_cel: 'body.n > 5' }, true],
    [{ fail_if_body_json_matches_cel: 'body.n == 3' }, false],
    [{ fail_if_body_json_not_matches_cel: 'body.deep.ok && size(body.list) == 2' }, true],
    [{ fail_if_body_json_not_matches_cel: 'body.list.exists(e, e.id == 3)' }, false],
    [{ fail_if_body_json_not_matches_cel: 'body.absent == 1' }, false],
    [{ fail_if_body_json_not_matches_cel: 'body.n' }, false],
    [{ fail_if_body_json_not_matches_cel: 'body.s.matches("^a+$") && !body.s.matches("b")' }, true],
    [{ fail_if_body_json_not_matches_cel: String.raw`matches(body.s, "^\\pL{4}$")` }, true],
  ])('%j', async (options, success) => {
    const { url } = await serve(text(json));
    const outcome = await probe(url, options);

    expect(outcome.success ? undefined : outcome.reason).toBe(success ? undefined : 'body');
    expect(value(outcome, 'probe_failed_due_to_cel')).toBe(success ? 0 : 1);
  });

  test('a body that is not JSON fails, and modules without CEL have no such family', async () => {
    const { url } = await serve(text('{"n": '));

    expect(await probe(url, { fail_if_body_json_matches_cel: 'body.n == 1' })).toMatchObject({ reason: 'body' });
    expect(value(await probe(url), 'probe_failed_due_to_cel')).toBeUndefined();
  });

  test('a body that cannot be read for its expression fails due to it', async () => {
    const { url } = await serve(text(json));
    const outcome = await probe(url, { fail_if_body_json_matches_cel: 'body.n > 5', body_size_limit: '3B' });

    expect(outcome).toMatchObject({ success: false, reason: 'size' });
    expect(value(outcome, 'probe_failed_due_to_cel')).toBe(1);
    expect(value(outcome, 'probe_failed_due_to_regex')).toBe(0);
  });

  test('matches() is linear in hostile text', async () => {
    const { url } = await serve(text(JSON.stringify({ s: `${'a'.repeat(20_000)}!` })));
    const start = performance.now();
    const options = { fail_if_body_json_matches_cel: 'body.s.matches("^(a+)+$")' };

    expect((await probe(url, options)).success).toBe(true);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test.each(['body.n ==', '1 + 1', 'other == 1'])('the expression %s is refused', (expression) => {
    expect(httpOptions.safeParse({ fail_if_body_json_matches_cel: expression }).error?.issues[0]).toMatchObject({
      path: ['fail_if_body_json_matches_cel'],
      message: expect.stringMatching(/^not a CEL expression: /u),
    });
  });
});
