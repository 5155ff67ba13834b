/**
 * What each attack costs at most, kept in `docs/attacks.md` beside the limits of other resolvers.
 * A file of attacks whose tests all passed writes its section anew. It fails once when attacks are
 * new, and when one costs more than before, so that the change is seen and committed.
 */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect } from 'vitest';

import { replaceSection } from '../support/page.ts';
import type { Work } from './oracles.ts';
import { LIMITS_OF_OTHERS } from './others.ts';

const PAGE = fileURLToPath(new URL('../../docs/attacks.md', import.meta.url));
const PREFACE = `# Attacks

Every row is a test of \`test/attacks/\`, named as here, in which an attacker does the worst he can
against the real resolver or the whole server in a simulated internet, while oracles watch: nothing
made up is kept or told outside his own zones, no client query costs more than 100 packets to servers,
others are served meanwhile, nothing is left behind. The measure is the price at its worst: packets to
servers for one client query, where nothing else is said. Rows are those of the test's name; the last
column has the limits or fixes of others for the same attack. The test run writes the sections
(\`test/attacks/ledger.ts\`); \`npm run test:canaries\` takes each defence away and sees a test fail.
`;

interface Row {
  readonly row: string;
  readonly name: string;
}

const defined: Row[] = [];
const measured = new Map<string, string>();

/** Announces a test that will be noted. */
export function define({ row, name }: Row): void {
  defined.push({ row, name });
}

export function note(what: Row, price: Work | string): void {
  const text = typeof price === 'string' ? price : describe(price);
  measured.set(titleOf(what), text);
}

function describe({ mostSends }: Work): string {
  return mostSends === 1 ? '1 packet' : `${mostSends} packets`;
}

function titleOf({ row, name }: Row): string {
  return `${row} ${name}`;
}

// More runs find worse cases, and a missing defence far worse ones.
const isUsual = process.env['FUZZ_RUNS'] === '20000' && process.env['TSDNS_CANARY'] === undefined;

afterAll(() => {
  const file = expect.getState().testPath ?? '';
  const isWhole = defined.every((row) => measured.has(titleOf(row)));
  if (!isUsual || !isWhole || defined.length === 0) return;
  const name = basename(file, '.test.ts');
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`;
  const rows = defined.map((row) => [
    row.row,
    row.name.replaceAll('|', String.raw`\|`),
    measured.get(titleOf(row))!,
    LIMITS_OF_OTHERS[row.row] ?? '',
  ]);
  const table = alignTable([['row', 'attack', 'measured', 'others'], ...rows]);
  const section = `## ${title}\n\n\`test/attacks/${basename(file)}\`\n\n${table}`;
  const before = replaceSection({ file: PAGE, preface: PREFACE }, title, section);
  expect(titlesIn(before), 'docs/attacks.md lacked attacks: commit it').toEqual(titlesIn(section));
  const risen = defined.filter((row) => isHigher(priceIn(section, row), priceIn(before, row)));
  expect(risen, 'attacks cost more than docs/attacks.md said: commit it, if it must be').toEqual(
    [],
  );
});

/** A random draw more or less shifts all that follow, so small steps are no news. */
function isHigher(now: number, before: number): boolean {
  return now > before * 1.25 + 3;
}

function titlesIn(section: string): readonly string[] {
  const cells = section.split('\n').map((line) => line.split(' | '));
  return cells.flatMap(([row = '', name = '']) => (name ? [`${row} ${name}`.trimEnd()] : []));
}

function priceIn(section: string, { row, name }: Row): number {
  const line = section.split('\n').find((one) => one.startsWith(`| ${row} `) && one.includes(name));
  return Number.parseFloat(/[0-9.]+/.exec(line?.split(' | ')[2] ?? '')?.[0] ?? '0');
}

/** As Prettier wants it. */
function alignTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  const [head, ...body] = rows;
  return [line(head!), line(rule), ...body.map(line)].join('\n');
}
