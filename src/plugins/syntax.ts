/** Where the syntax of a module is wrong: Node.js tells it when it checks a file, but not when an import fails. */
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';

/** The line of the first mistake of a JavaScript module; undefined where there is none, or none that can be told. */
export function syntaxErrorLine(file: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const checker = spawn(process.execPath, ['--input-type=module', '--check', '-'], {
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: 5_000,
    });
    let said = '';
    checker.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    checker.stdin.on('error', () => {});
    checker.on('error', () => resolve(undefined));
    checker.on('close', () => resolve(/^\[stdin\]:(\d+)/m.exec(said)?.[1]));
    createReadStream(file)
      .on('error', () => checker.stdin.end())
      .pipe(checker.stdin);
  });
}
