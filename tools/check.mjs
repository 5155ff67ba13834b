/**
 * `npm run check`: format, lint, dead code and types, all at once. Prints one line per tool, and
 * the report of those that complain; exits 1 when one does.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Name of the check → program inside node_modules and its arguments. */
const CHECKS = /** @type {const} */ ({
  format: ['prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'],
  lint: ['oxlint/bin/oxlint', '--type-aware', '--deny-warnings'],
  'dead code': ['knip/bin/knip.js'],
  types: ['typescript/bin/tsc', '-p', 'tsconfig.json'],
  'types of pages': ['typescript/bin/tsc', '-p', 'src/lab/picture/page/tsconfig.json'],
  'types of tools': ['typescript/bin/tsc', '-p', 'tools/tsconfig.json'],
});

const results = await Promise.all(Object.entries(CHECKS).map(check));
process.exitCode = results.every((passed) => passed) ? 0 : 1;

/** @param {[string, readonly string[]]} entry */
async function check([name, [program, ...options]]) {
  const started = performance.now();
  const { status, output } = await runTool([`${root}/node_modules/${program}`, ...options]);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n`);
  if (status !== 0) process.stdout.write(`${output.trim()}\n\n`);
  return status === 0;
}

/**
 * @param {readonly string[]} command
 * @returns {Promise<{ status: number, output: string }>}
 */
function runTool(command) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status: status ?? 1, output }));
  });
}
