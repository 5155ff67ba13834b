/**
 * The command `ts-dig`: gives `dig` the machine. Imports as little as possible, because people
 * wait for it to start.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { domainToASCII, domainToUnicode } from 'node:url';

import { dig, type DigContext } from '../dig/dig.ts';
import { ExitStatus } from '../dig/reading.ts';
import { createRealRuntime } from '../net/real/runtime.ts';
import { failure, success, type Result } from '../wire/result.ts';
import { openBatch } from './batch-file.ts';

const RESOLV_CONF = '/etc/resolv.conf';
const HOSTS = '/etc/hosts';
const PACKAGE = new URL('../../package.json', import.meta.url);

/**
 * A file of questions goes to the server that the user named, who is nobody's prey: ids and cookies
 * guard the replies well enough, and a socket for each question would take half of the time.
 */
const BATCH_SOCKETS = { uses: 1000, choices: 4, ageMs: 10_000 };

/** Returns the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  // Whoever reads our output may stop early (`ts-dig … | head -1`). The error comes after the write
  // has returned, and maybe after this function has: so the listener stays.
  process.stdout.off('error', ignoreClosedPipe).on('error', ignoreClosedPipe);
  try {
    return await dig(machineContext(), argv);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`ts-dig: internal error: ${message}\n`);
    return ExitStatus.internal;
  }
}

/** All of this machine that `dig` needs. */
export function machineContext(): DigContext {
  return {
    runtime: createRealRuntime({ upstream: BATCH_SOCKETS }),
    version: readVersion(),
    readResolvConf: () => readText(RESOLV_CONF),
    readHosts: () => readText(HOSTS),
    readDigrc,
    openBatch,
    allowsIdn: process.stdout.isTTY && process.env['IDN_DISABLE'] === undefined,
    toAscii: (name) => domainToASCII(name) || undefined,
    toUnicode: domainToUnicode,
    loadSecureNetwork: async () => (await import('../net/real/secure.ts')).createSecureNetwork(),
    readFile,
    loadToPacket: async () => (await import('../wire/packet.ts')).toPacket,
    formatTime: localTimeOfSecond(),
    // tidy-allow clock: shows a time that was read from the clock of the runtime
    formatTimestamp: (wallMs) => new Date(wallMs).toISOString(),
    write: (text) => process.stdout.write(text),
    drained,
    onProgress: process.stderr.isTTY && !process.stdout.isTTY ? showProgress : undefined,
    usesColours: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '',
    writeError: (text) => process.stderr.write(text),
  };
}

/** `formatLocalTime`, which takes long for what thousands of replies a second share. */
function localTimeOfSecond(): (wallMs: number) => string {
  let second: number | undefined;
  let text = '';
  return (wallMs) => {
    const asked = Math.floor(wallMs / 1000);
    if (asked !== second) text = formatLocalTime(wallMs);
    second = asked;
    return text;
  };
}

/** 'Sun Nov 22 10:31:32 UTC 2026': the C library's date in the local time zone. */
function formatLocalTime(wallMs: number): string {
  // tidy-allow clock: shows a time that was read from the clock of the runtime
  const text = new Date(wallMs).toString();
  const [weekday, month, day, year, time] = text.split(' ');
  // Loading the names of time zones takes longer than everything else here.
  const zone = text.endsWith('(Coordinated Universal Time)') ? 'UTC' : zoneOf(wallMs);
  return `${weekday} ${month} ${day} ${time} ${zone} ${year}`;
}

/** 'CET', or 'GMT+1' where the zone has no short name in American English. */
function zoneOf(wallMs: number): string {
  const format = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' });
  const name = format.formatToParts(wallMs).find(({ type }) => type === 'timeZoneName');
  return name?.value.replace(' ', '') ?? '';
}

const NOT_READ: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'file not found'],
  ['EISDIR', 'not a file'],
  ['EACCES', 'permission denied'],
]);

function readFile(path: string): Result<string, string> {
  try {
    return success(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return failure(NOT_READ.get(code) ?? message);
  }
}

function readDigrc(): string | undefined {
  const home = process.env['HOME'];
  return home === undefined ? undefined : readText(join(home, '.digrc'));
}

/** Undefined where the file cannot be read: none of them need be there. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(PACKAGE, 'utf8'));
  const hasVersion = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return hasVersion ? String(manifest.version) : '';
}

/** Of a batch, on a terminal that the answers do not go to: one line, written over and over. */
function showProgress(asked: number | undefined): void {
  if (asked === undefined) process.stderr.write(CLEAR_LINE);
  else if (asked % PROGRESS_STEP === 0) process.stderr.write(`${CLEAR_LINE};; ${asked} asked`);
}

const CLEAR_LINE = '\r\u001b[K';
/** So few lines that their number costs nothing. */
const PROGRESS_STEP = 100;

/** A pipe takes what its reader has room for; the rest would stay in our memory. */
function drained(): Promise<boolean> | undefined {
  const { stdout } = process;
  if (stdout.destroyed || !stdout.writable) return Promise.resolve(false);
  if (!stdout.writableNeedDrain) return undefined;
  return new Promise((resolve) => {
    const settle = (): void => {
      stdout.off('drain', settle).off('close', settle).off('error', settle);
      resolve(!stdout.destroyed);
    };
    stdout.on('drain', settle).on('close', settle).on('error', settle);
  });
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
