/** bcrypt, and where a thread can load it from. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** @public What the thread calls. */
export { compareSync } from 'bcryptjs';

/**
 * The URL of a module that exports `compareSync`: the chunk of the bundle that this file becomes, or the package itself
 * where this is the source, which a thread of Node.js 20 cannot load.
 */
export const bcryptModule = import.meta.url.endsWith('.ts')
  ? pathToFileURL(createRequire(import.meta.url).resolve('bcryptjs')).href
  : import.meta.url;
