/**
 * Pages that the test run itself keeps true: each test file owns one section, found by its heading,
 * and writes it anew when what was just measured is not what stands there. Test files run side by
 * side, so a page is changed under a lock.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const LOCK_ATTEMPTS = 100_000;

/** Puts the section into the page; returns the one that was there. */
export function replaceSection(
  page: { readonly file: string; readonly preface: string },
  title: string,
  section: string,
): string {
  const { file, preface } = page;
  const lock = join(tmpdir(), `ts-dns-${basename(file)}-${process.ppid}`);
  // Another test holds the lock for a few file operations only; one that died with it, for ever.
  for (let attempt = 0; attempt < LOCK_ATTEMPTS && !tryLock(lock); attempt++);
  try {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : preface;
    const [head, ...sections] = text.split(/^(?=## )/m);
    const isThis = (one: string): boolean => one.startsWith(`## ${title}\n`);
    const before = sections.find(isThis)?.trimEnd() ?? '';
    if (before === section) return section;
    const all = [...sections.filter((one) => !isThis(one)), section];
    const parts = [head ?? preface, ...all.toSorted()].map((part) => part.trimEnd());
    writeFileSync(`${file}.new`, `${parts.join('\n\n')}\n`);
    renameSync(`${file}.new`, file);
    return before;
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function tryLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}
