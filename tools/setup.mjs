/**
 * Makes a checkout usable with nothing but Node and npm: installs packages when what is installed
 * is not what `package-lock.json` names, and builds `dist` when it is not made from today's `src`.
 * It says in one line what it does, and nothing when there is nothing to do.
 *
 *   node tools/setup.mjs                        install and build what is missing
 *   node tools/setup.mjs --then NAME [ARG]...   the same, then run bin/NAME in this very process
 *   node tools/setup.mjs --install              install only
 *   node tools/setup.mjs --prepare              build only: npm calls this after it has installed
 *
 * `--then` keeps one process, so that signals and the exit code are the program's own. For the same
 * reason `npm start` says `exec`: a shell that waits would die of npm's SIGTERM and leave us behind.
 * Windows has no `exec` and takes the other half of that script.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What package.json's `engines` says. */
const NODE_LEAST = /** @type {const} */ ([20, 19]);
/** Tells the `prepare` script that this program called npm and builds afterwards by itself. */
const RUNNING_KEY = 'TSDNS_SETUP_RUNNING';
const MAX_REASON_LINES = 20;
/** npm itself would wait for more than a minute before it says that there is no network. */
const NPM_DEFAULTS = { npm_config_fetch_retry_mintimeout: '1000' };
const NO_NETWORK =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|FETCH_ERROR)\b/;

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const stampFile = join(dist, '.stamp');
const compiler = join(root, 'node_modules/typescript/bin/tsc');

/** A failure that the user can act upon: printed without a stack trace. */
class SetupError extends Error {}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** @param {readonly string[]} argv */
async function main(argv) {
  const [mode, name, ...rest] = argv;
  checkNode();
  if (mode === '--prepare') return prepare();
  if (!isInstalled()) install();
  if (mode === '--install') return;
  if (!isBuilt()) build();
  if (mode === '--then' && name !== undefined) await run(name, rest);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [leastMajor, leastMinor] = NODE_LEAST;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw new SetupError(
    `ts-dns needs Node ${NODE_LEAST.join('.')} or newer; this is Node ${process.versions.node} (${process.execPath}).`,
  );
}

/**
 * npm's own `prepare`. Without the development packages there is nothing to build with, and an
 * installation for production must not fail for that.
 */
function prepare() {
  if (process.env[RUNNING_KEY] !== undefined || isBuilt()) return;
  if (existsSync(compiler)) return build();
  process.stdout.write('Not building ts-dns: the development packages are not installed.\n');
}

/**
 * Compares the lock file with npm's record of what it put into node_modules. The record is written
 * last, so a half-finished installation counts as none. Packages for other platforms are optional.
 */
function isInstalled() {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const present = readPackages(join(root, 'node_modules/.package-lock.json'));
  if (wanted === undefined) return present !== undefined;
  if (present === undefined) return false;
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    const found = present[path];
    if (path === '') return true;
    if (found === undefined) return optional === true || devOptional === true;
    return found.version === version;
  });
}

/**
 * @typedef {{ version?: string, optional?: boolean, devOptional?: boolean }} LockedPackage
 * @param {string} file
 * @returns {Readonly<Record<string, LockedPackage>> | undefined}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function install() {
  process.stdout.write('Installing packages (first start, about ten seconds)…\n');
  const command = existsSync(join(root, 'package-lock.json')) ? 'ci' : 'install';
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const result = npm([command, '--include=dev', ...quiet]);
  if (result.status === 0) return;
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`;
  const cause = NO_NETWORK.exec(output)?.[0];
  if (cause !== undefined) {
    throw new SetupError(
      `Cannot install the packages: npm does not reach its registry (${cause}). Connect to the network and start again.`,
    );
  }
  // npm adds its whole manual to some errors.
  const reason = output.trim().split('\n').slice(0, MAX_REASON_LINES).join('\n');
  throw new SetupError(`Cannot install the packages: npm ${command} failed.\n${reason}`);
}

/**
 * Under `npm start` npm names its own program, which needs no shell; `npm.cmd` on Windows does.
 *
 * @param {readonly string[]} options
 */
function npm(options) {
  const program = process.env['npm_execpath'];
  /** @type {import('node:child_process').SpawnSyncOptionsWithStringEncoding} */
  const settings = {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...NPM_DEFAULTS, ...process.env, [RUNNING_KEY]: '1' },
  };
  if (program !== undefined && /npm-cli\.c?js$/.test(program)) {
    return spawnSync(process.execPath, [program, ...options], settings);
  }
  return spawnSync('npm', options, { ...settings, shell: process.platform === 'win32' });
}

function isBuilt() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === fingerprint();
}

/** Paths, sizes and times of all that the build reads: quick to take, wrong only on purpose. */
function fingerprint() {
  const hash = createHash('sha256');
  const files = [
    ...['tsconfig.json', 'tsconfig.build.json', 'tools/bundle.mjs'],
    'tools/code-cache.mjs',
    ...['node_modules/typescript/package.json', 'node_modules/rolldown/package.json'],
  ];
  for (const file of [...files, ...listFiles('src')]) {
    const stat = statSync(join(root, file), { throwIfNoEntry: false });
    hash.update(`${file}\0${stat?.size}\0${stat?.mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/**
 * @param {string} folder
 * @returns {readonly string[]}
 */
function listFiles(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? listFiles(path) : [path];
    })
    .toSorted();
}

/**
 * Builds beside `dist` and swaps: two starts at once, or one that fails, never leave half a `dist`
 * or modules whose source is gone.
 */
function build() {
  process.stdout.write('Building…\n');
  const stamp = fingerprint();
  const next = join(root, `.dist-${process.pid}`);
  try {
    buildWith('tsc', [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', next]);
    buildWith('tsc', [compiler, '-p', join(root, 'src/lab/picture/page/tsconfig.json')]);
    buildWith('rolldown', [join(root, 'tools/bundle.mjs'), next]);
    // Only faster, so that it may fail.
    spawnSync(process.execPath, [join(root, 'tools/code-cache.mjs'), next], { stdio: 'ignore' });
    writeFileSync(join(next, '.stamp'), stamp);
    replaceDist(next);
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}

/**
 * @param {string} name
 * @param {readonly string[]} command
 */
function buildWith(name, command) {
  const result = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
  if (result.status === 0) return;
  throw new SetupError(`Cannot build: ${name} failed.\n${result.stdout}${result.stderr}`.trim());
}

/**
 * When another start swaps at the same moment the target is there again: what it built is as good.
 *
 * @param {string} next
 */
function replaceDist(next) {
  rmSync(dist, { recursive: true, force: true });
  try {
    renameSync(next, dist);
  } catch (error) {
    if (!isBuilt()) throw error;
  }
}

/**
 * @param {string} name
 * @param {readonly string[]} rest
 */
async function run(name, rest) {
  const program = join(root, 'bin', name);
  process.argv = [process.execPath, program, ...rest];
  await import(pathToFileURL(program).href);
}
