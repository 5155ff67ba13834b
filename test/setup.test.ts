/** A checkout without packages, without `dist` or on an old Node says what is missing, in a line. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
let checkout = '';

beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'ts-dns-checkout-'));
  for (const name of ['bin', 'tools', 'package.json', 'tsconfig.json', 'tsconfig.build.json']) {
    cpSync(join(root, name), join(checkout, name), { recursive: true });
  }
  mkdirSync(join(checkout, 'src'));
  writeFileSync(join(checkout, 'package-lock.json'), '{ "packages": { "node_modules/a": {} } }');
});

afterAll(() => {
  rmSync(checkout, { recursive: true });
});

test.each(['ts-dns', 'ts-dig'])('%s without dist says how to get it', (name) => {
  expect(start([`bin/${name}`])).toEqual({
    status: 1,
    stdout: '',
    stderr: `${name} is not built yet: run \`npm ci\` in its folder.\n`,
  });
});

test('installing for production does not fail for want of a compiler', () => {
  expect(start(['tools/setup.mjs', '--prepare'])).toEqual({
    status: 0,
    stdout: 'Not building ts-dns: the development packages are not installed.\n',
    stderr: '',
  });
});

test('a registry out of reach is named, without a stack trace', { timeout: 60_000 }, () => {
  // Port 9 (discard) of the loopback address refuses connections.
  const offline = { npm_config_registry: 'http://127.0.0.1:9/', npm_config_fetch_retries: '0' };
  writeFileSync(
    join(checkout, 'package.json'),
    '{ "type": "module", "dependencies": { "lru-cache": "11.5.3" } }',
  );
  rmSync(join(checkout, 'package-lock.json'));
  const { status, stderr } = start(['tools/setup.mjs'], offline);
  expect(stderr).toMatch(/^Cannot install the packages: .*ECONNREFUSED.*\n$/);
  expect(status).toBe(1);
});

test('an old Node is told which one is needed', () => {
  const pretend = 'Object.defineProperty(process.versions, "node", { value: "18.20.0" })';
  const { status, stderr } = start([
    '--import',
    `data:text/javascript,${pretend}`,
    'tools/setup.mjs',
  ]);
  expect(stderr).toMatch(/^ts-dns needs Node 20\.19 or newer; this is Node 18\.20\.0 .*\n$/);
  expect(status).toBe(1);
});

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(
  options: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, options, {
    cwd: checkout,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  return { status, stdout, stderr };
}
