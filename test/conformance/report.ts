/**
 * What each suite of other projects says about this one, kept in `docs/conformance.md`: how many
 * cases, how many come out as expected, and each exception with its reason. A test hands its
 * outcomes to `expectReported`: a failure that no reason explains fails the test; a section of the
 * page that is not what was just measured is written anew, and the test fails once, so that the
 * change is seen and committed. An exception whose cases pass by now vanishes from the page.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { replaceSection } from '../support/page.ts';

export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  /** What came out instead, for the message of an unexplained failure. */
  readonly detail?: unknown;
  /** Why the case may fail; given also when it passes. */
  readonly reason?: string | undefined;
}

export interface Suite {
  /** The heading of its section; unique. */
  readonly title: string;
  /** A sentence: what the cases are, and what is compared. */
  readonly about: string;
  readonly outcomes: readonly Outcome[];
}

/** The folder of the suites, or undefined when TSDNS_SUITES does not name one that is there. */
export function suiteFolder(...path: readonly string[]): string | undefined {
  const folder = join(process.env['TSDNS_SUITES'] ?? 'no-suites', ...path);
  return existsSync(folder) ? folder : undefined;
}

/** A title that says why its tests are skipped. */
export function suiteTitle(title: string, folder: string | undefined): string {
  return folder === undefined ? `${title} (skipped: TSDNS_SUITES names no such folder)` : title;
}

/** Fails on failures without a reason, and when the page was not up to date. */
export function expectReported(suite: Suite): void {
  const unexplained = suite.outcomes.filter(
    ({ passed, reason }) => !passed && reason === undefined,
  );
  expect(unexplained.slice(0, 20), `${unexplained.length} failures without a reason`).toEqual([]);
  const section = sectionOf(suite);
  const before = replaceSection({ file: PAGE, preface: PREFACE }, suite.title, section);
  expect(before, 'docs/conformance.md was stale: commit it').toBe(section);
}

const PAGE = fileURLToPath(new URL('../../docs/conformance.md', import.meta.url));
const PREFACE = `# Conformance

Test suites of other projects, run where the environment variable \`TSDNS_SUITES\` names their folder.
The test run writes this page (\`test/conformance/report.ts\`).
`;

function sectionOf({ title, about, outcomes }: Suite): string {
  const passed = outcomes.filter((outcome) => outcome.passed).length;
  const lines = [`## ${title}`, '', about, '', `${passed} of ${outcomes.length} as expected.`];
  const reasons = new Map<string, string[]>();
  for (const { name, passed: isPassed, reason = '' } of outcomes) {
    if (!isPassed) reasons.set(reason, [...(reasons.get(reason) ?? []), `\`${name}\``]);
  }
  if (reasons.size > 0) lines.push('', 'Exceptions:', '');
  for (const [reason, names] of [...reasons].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push(`- ${reason} (${names.length}): ${[...new Set(names)].join(', ')}`);
  }
  return lines.join('\n');
}
