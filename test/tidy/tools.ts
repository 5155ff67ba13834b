/**
 * Runs the linter and the dead-code finder on planted violations: a configuration that reads
 * nothing, or a linter without types, is green and blind.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Breach } from './source.ts';

const LINTED = /^.*?:(\d+):\d+: (.*)$/gm;

/** Lints one file with the configuration of `root`, outside the folders that it leaves out. */
export function lint(root: string, file: string): readonly Breach[] {
  const folder = mkdtempSync(join(tmpdir(), 'ts-dns-lint-'));
  try {
    const copy = join(folder, basename(file));
    copyFileSync(file, copy);
    const config = join(root, '.oxlintrc.json');
    const options = ['--type-aware', '--format=unix', '-c', config, copy];
    return [...runTool(root, 'oxlint/bin/oxlint', options).matchAll(LINTED)].map(
      ([, line, message = '']) => ({
        file: basename(file),
        line: Number(line),
        rule: 'lint',
        message,
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What knip prints about the package in `folder`. */
export function findDeadCode(root: string, folder: string): string {
  return runTool(root, 'knip/bin/knip.js', ['--directory', folder, '--no-progress']);
}

function runTool(root: string, program: string, options: readonly string[]): string {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', program), ...options],
    { cwd: root, encoding: 'utf8' },
  );
  return `${stdout}${stderr}`;
}
