/**
 * `${NAME}` and `${file:PATH}` in the texts of a config. A name is upper case and cannot start with a digit, so the
 * `${1}` of a probe's dialogue stays as it is; `$${NAME}` is the text `${NAME}`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import type { ConfigPath } from './locate.ts';
import { isMapValue } from './raw.ts';

const variable = /\$(\$)?\{(?:([A-Z_][A-Z0-9_]*)|file:([^}]+))\}/g;

/** The value with every variable replaced; what cannot be is told to `complain`. */
export function expandVariables(
  value: unknown,
  environment: NodeJS.ProcessEnv,
  complain: (path: ConfigPath, message: string) => void,
  path: ConfigPath = [],
): unknown {
  if (typeof value === 'string') return value.includes('${') ? expandText(value, environment, complain, path) : value;
  if (Array.isArray(value)) {
    return value.map((item, index) => expandVariables(item, environment, complain, [...path, index]));
  }
  if (isMapValue(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, expandVariables(item, environment, complain, [...path, key])]),
    );
  }
  return value;
}

function expandText(
  text: string,
  environment: NodeJS.ProcessEnv,
  complain: (path: ConfigPath, message: string) => void,
  path: ConfigPath,
): string {
  return text.replaceAll(variable, (whole, escaped: string | undefined, name: string | undefined, file: string) => {
    if (escaped !== undefined) return whole.slice(1);
    if (name !== undefined) {
      const value = environment[name];
      if (value === undefined) complain(path, `the environment has no variable ${name}`);
      return value ?? '';
    }
    try {
      // A bare name is one of the credentials that systemd passed to the unit.
      const folder = environment['CREDENTIALS_DIRECTORY'];
      const location = file.includes('/') || folder === undefined ? file : join(folder, file);
      return readFileSync(location, 'utf8').replace(/\n$/, '');
    } catch (error) {
      complain(path, `cannot read ${file}: ${messageOf(error)}`);
      return '';
    }
  });
}
