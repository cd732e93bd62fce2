/** Modules of Node.js that take megabytes once they are loaded, and that many a config never needs. */

/** TLS, 2 MB. */
export function lateTls(): typeof import('node:tls') {
  return process.getBuiltinModule('node:tls');
}

/** HTTP/2, half a megabyte, and TLS with it. */
export function lateHttp2(): typeof import('node:http2') {
  return process.getBuiltinModule('node:http2');
}

/** Threads, 1 MB. */
export function lateThreads(): typeof import('node:worker_threads') {
  return process.getBuiltinModule('node:worker_threads');
}
