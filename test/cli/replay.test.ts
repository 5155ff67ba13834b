import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../src/cli/ts-dns.ts';

const HEAD = 'stub-zone: name: "." stub-addr: 192.0.2.1\nCONFIG_END\nSCENARIO_BEGIN\n';
const SERVER = `RANGE_BEGIN 0 100
ENTRY_BEGIN
ADJUST copy_id copy_query
REPLY QR AA NXDOMAIN
SECTION AUTHORITY
. SOA a. b. 1 2 3 4 5
ENTRY_END
RANGE_END
`;
const QUERY = 'STEP 1 QUERY\nENTRY_BEGIN\nREPLY RD\nSECTION QUESTION\na. A\nENTRY_END\n';
const check = (rcode: string): string =>
  `STEP 2 CHECK_ANSWER\nENTRY_BEGIN\nMATCH rcode\nREPLY ${rcode}\nENTRY_END\nSCENARIO_END\n`;

const FILES = {
  good: `${HEAD}${SERVER}${QUERY}${check('NXDOMAIN')}`,
  bad: `${HEAD}${SERVER}${QUERY}${check('NOERROR')}`,
  skipped: `rpz:\n${HEAD}SCENARIO_END\n`,
  broken: `${HEAD}DANCE\n`,
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ts-dns-'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
});

describe('ts-dns replay', () => {
  it.each([
    ['good', 0, '1 passed, 0 failed, 0 skipped'],
    ['good skipped', 0, '1 passed, 0 failed, 1 skipped'],
    ['good bad skipped', 1, '1 passed, 1 failed, 1 skipped'],
    ['bad broken', 2, '0 passed, 1 failed, 0 skipped, 1 unusable'],
    ['missing', 2, '0 passed, 0 failed, 0 skipped, 1 unusable'],
  ])('%s: exit status %i', async (names, status, closing) => {
    const { exitStatus, lines } = await run(pathsOf(names));
    expect(exitStatus).toBe(status);
    expect(lines.at(-1)).toBe(closing);
  });

  it('says a line for each file', async () => {
    const { lines } = await run(pathsOf('good bad skipped broken missing'));
    const heads = lines.filter((line) => /^[A-Z]/.test(line)).map((line) => withoutFolder(line));
    expect(heads).toEqual([
      'PASS good',
      'FAIL bad: step 2: expected rcode NOERROR, got rcode NXDOMAIN',
      'SKIP skipped: needs response policy zones (RPZ)',
      "ERROR broken:4: expected RANGE_BEGIN, STEP or SCENARIO_END, found 'DANCE'",
      'ERROR missing: no such file',
    ]);
  });

  it('speaks JSON', async () => {
    const { lines, exitStatus } = await run(['--json', ...pathsOf('good bad skipped broken')]);
    expect(exitStatus).toBe(2);
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      passed: 1,
      failed: 1,
      skipped: 1,
      unusable: 1,
      scenarios: [
        { kind: 'passed', dialect: 'testbound', unscripted: [] },
        { kind: 'failed', step: 2, expected: 'rcode NOERROR', got: 'rcode NXDOMAIN' },
        { kind: 'skipped', needs: ['response policy zones (RPZ)'] },
        { kind: 'unusable', line: 4 },
      ],
    });
  });

  it('shows with --verbose what was said in scenarios that pass', async () => {
    const { lines } = await run(['--verbose', ...pathsOf('good')]);
    expect(lines.join('\n')).toMatch(/client 127\.0\.0\.1 → resolver, udp {2}a\. A \[rd\]/);
    expect(lines.join('\n')).toMatch(/resolver: asked 192\.0\.2\.1 for a\. A/);
  });

  it('takes a dialect, but only one of two', async () => {
    // Deckard's client always sends EDNS.
    const { lines } = await run(['--verbose', '--dialect', 'deckard', ...pathsOf('good')]);
    expect(lines.join('\n')).toMatch(/client 127\.0\.0\.1 → resolver, udp {2}a\. A \[rd\] edns/);
    const { exitStatus } = await run(['--dialect', 'latin', ...pathsOf('good')]);
    expect(exitStatus).toBe(2);
  });
});

function pathsOf(names: string): readonly string[] {
  return names.split(' ').map((name) => join(folder, name));
}

function withoutFolder(line: string): string {
  return line.replaceAll(`${folder}/`, '');
}

async function run(
  words: readonly string[],
): Promise<{ readonly exitStatus: number; readonly lines: readonly string[] }> {
  let output = '';
  const write = (text: unknown): boolean => {
    output += String(text);
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation(write),
  );
  const exitStatus = await main(['replay', ...words]);
  for (const spy of spies) spy.mockRestore();
  return { exitStatus, lines: output.trimEnd().split('\n') };
}
