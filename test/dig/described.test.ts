/** The manual page and the completions of shells, which the option tables make. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { completionScript } from '../../src/dig/completion.ts';
import { manPage } from '../../src/dig/man-page.ts';
import { PLUS_OPTIONS } from '../../src/dig/plus-options.ts';
import { Scene } from './scene.ts';

test('man/ts-dig.1 is what `npm run man` makes of today’s options', () => {
  const file = new URL('../../man/ts-dig.1', import.meta.url);
  expect(readFileSync(file, 'utf8')).toBe(manPage());
});

test.each(['bash', 'zsh', 'fish'])('%s completes every option that is not hidden', (shell) => {
  const script = completionScript(shell) ?? '';
  for (const { name, isHidden } of PLUS_OPTIONS) {
    if (isHidden !== true) expect(script).toContain(`+${name}`);
  }
});

test('bash takes its script, and completes by it', () => {
  const script = `${completionScript('bash')}
    compopt() { :; }
    COMP_WORDS=(ts-dig +mul); COMP_CWORD=1; _ts_dig; echo "\${COMPREPLY[@]}"
    COMP_WORDS=(ts-dig +norec); _ts_dig; echo "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect([stdout, stderr]).toEqual(['+multiline\n+norecurse\n', '']);
});

test('another shell is refused by name', async () => {
  const scene = new Scene();
  expect(await scene.dig('--completion csh')).toMatchObject({
    status: 1,
    out: '',
    err: "ts-dig: --completion takes bash, zsh or fish, not 'csh'\n",
  });
  expect((await scene.dig('--man')).out).toBe(manPage());
});
