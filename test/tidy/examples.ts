/**
 * Runs the examples of the documents as a reader would: shell in bash at the root of the checkout,
 * TypeScript as a module that imports 'ts-dns', type-checked against what was built, then run.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Example } from './documents.ts';

const TIMEOUT_MS = 60_000;
const TSC = [
  '--strict',
  '--target es2023',
  '--module nodenext',
  '--types node',
  '--skipLibCheck',
  '--ignoreConfig',
].flatMap((option) => option.split(' '));

/** What the example printed; throws with its errors when it fails. */
export function runExample(root: string, { language, code }: Example): string {
  if (language === 'sh') return run(root, 'bash', ['-euo', 'pipefail', '-c', code]);
  // Inside the checkout, so that 'ts-dns' resolves to the package itself.
  const folder = mkdtempSync(join(root, '.runnable-'));
  try {
    writeFileSync(join(folder, 'example.ts'), code);
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    run(root, process.execPath, [tsc, ...TSC, '--rootDir', folder, join(folder, 'example.ts')]);
    return run(root, process.execPath, [join(folder, 'example.js')]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(cwd: string, program: string, options: readonly string[]): string {
  try {
    return execFileSync(program, options, {
      cwd,
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`the example failed\n${stdout}${stderr}`.trim(), { cause: error });
  }
}
