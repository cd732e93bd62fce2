import { expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import * as api from '../../../src/plugin-api.ts';

test('version 1 of the contract has these names; to take one away is a version of its own', () => {
  expect(api.apiVersion).toBe(1);
  expect(Object.keys(api)).toEqual(
    expect.arrayContaining(
      `CollectError Family NoDataError ProbeFailure Secret TlsClient addressChoiceOptions
      addressFamilies addressOf addressSamples apiVersion counter defineCollector defineProber
      dial duration everyAddressOf failureReasons familiesByKey gauge includeExclude
      list malformed nameFilter outcomeOfProbe pattern patternWithDefault schedule
      secret splitHostPort tlsConfigOptions tlsFamilies tlsSamples untyped z`.split(/\s+/),
    ),
  );
});

test('the package gives the contract, with its types, to whoever imports it', () => {
  expect(manifest.exports['.']).toEqual({
    types: './dist/types/src/plugin-api.d.ts',
    default: './dist/api.js',
  });
});
