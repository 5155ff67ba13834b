/** The page of a run, in a browser: every way of moving through it, and nothing from outside. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { pageScript } from '../../../src/cli/page-script.ts';
import { printPage } from '../../../src/lab/picture/page.ts';
import { pageData } from '../../../src/lab/picture/page-data.ts';
import { reproLine } from '../../../src/lab/report/table.ts';
import { Browser, chromium } from './chromium.ts';
import { playSliding, TROUBLE } from './played.ts';

const { run, events } = playSliding({ messages: 12 }, { faults: TROUBLE, mutant: 'no-dedup' });
const page = printPage(pageData(run, { events, leftOut: 0, repro: reproLine(run) }), {
  script: pageScript(),
});

describe('the page as a file', () => {
  test('quotes, asks, compares and names what is violated; texts are escaped', () => {
    expect(page).toContain('<blockquote>send again &amp; again</blockquote>');
    expect(page).toContain('Does everything arrive once?');
    expect(page).toContain('<title>T1 Sliding &lt;window&gt;, seed 3, mutant no-dedup</title>');
    expect(page).toContain('<td>delivered</td>');
    expect(page).toMatch(/Violated: no duplicate: node 1 delivered message \d+ twice/);
    expect(page).toContain('repro: ts-dns lab run T1');
  });

  test('names nothing on any network', () => {
    const links = page.match(/(?:https?:)?\/\/[a-z0-9.-]+\.[a-z]{2,}/gi) ?? [];
    // A namespace is a name, not a place.
    expect(links.filter((link) => !link.includes('www.w3.org'))).toEqual([]);
  });
});

describe.skipIf(chromium === undefined)('the page in Chromium', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-page-'));
  const file = join(folder, 'run.html');
  let browser: Browser;
  const now = async (): Promise<string> =>
    browser.evaluate('document.querySelector(".now").textContent') as Promise<string>;
  const place = async (): Promise<number> =>
    Number(await browser.evaluate('document.querySelector("#slider").value'));

  beforeAll(async () => {
    writeFileSync(file, page);
    browser = new Browser(chromium!);
    await browser.open(pathToFileURL(file).href);
  }, 60_000);
  afterAll(() => {
    browser.close();
    rmSync(folder, { recursive: true });
  });

  test('begins at the first event, and steps on and back by keys and buttons', async () => {
    expect(await now()).toMatch(/^sender: start, at 0 ns$/);
    for (let steps = 0; steps < 5; steps += 1) await browser.press('ArrowRight');
    const fifth = await now();
    expect(await place()).toBe(5);
    await browser.click('#forward');
    expect(await place()).toBe(6);
    expect(await now()).not.toBe(fifth);
    await browser.click('#back');
    expect(await now()).toBe(fifth);
    await browser.press('ArrowLeft');
    expect(await place()).toBe(4);
    await browser.press('End');
    expect(await place()).toBe(events.filter(({ kind }) => kind !== 'state').length - 1);
    await browser.press('ArrowRight');
    await browser.press('Home');
    await browser.press('ArrowLeft');
    expect(await place()).toBe(0);
  });

  test('an event that is clicked shows its causes and the state before and after', async () => {
    const delivery = events.find(({ kind, message }) => kind === 'deliver' && message === 8)!;
    await browser.click(`[data-event="${delivery.id}"] .deliver`);
    expect(await now()).toContain('receiver delivers message 8');
    const because = await browser.evaluate('document.querySelector(".because").textContent');
    expect(because).toContain('sender is handed message 8');
    expect(because).toContain('receiver receives data 8 from sender');
    const states = await browser.evaluate(
      '[...document.querySelectorAll(".changed")].map((row) => row.textContent)',
    );
    expect(String(states)).toMatch(/delivered\d+→ \d+/);
    const chained = await browser.evaluate('document.querySelectorAll(".message.chained").length');
    expect(chained).toBe(1);
    const current = 'document.querySelector("#log [aria-current]").textContent';
    expect(await browser.evaluate(current)).toContain('receiver delivers message 8');
  });

  test('the log is searched, and Enter goes to what is found', async () => {
    await browser.press('/');
    for (const letter of 'lost data') await browser.press(letter);
    const lost = events.filter(({ kind, text }) => kind === 'lose' && text === 'data').length;
    expect(lost).toBeGreaterThan(0);
    expect(await browser.evaluate('document.querySelector("#found").textContent')).toBe(
      `${lost} found`,
    );
    await browser.press('Enter');
    expect(await now()).toMatch(/data \d+ from sender to receiver is lost/);
  });

  test('it plays, and pauses', async () => {
    await browser.evaluate('document.activeElement.blur()');
    await browser.press('Home');
    await browser.press(' ');
    await browser.evaluate(`new Promise((done) => {
      const look = () => Number(document.querySelector('#slider').value) > 3
        ? done() : requestAnimationFrame(look);
      look();
    })`);
    await browser.press(' ');
    const stopped = await place();
    await browser.evaluate(
      'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
    );
    expect(await place()).toBe(stopped);
  });

  test('a violation leads to its events', async () => {
    await browser.click('.violation [data-show]');
    expect(await now()).toMatch(/receiver delivers message \d+/);
    expect(
      await browser.evaluate('document.querySelectorAll("#diagram .wrong").length'),
    ).toBeGreaterThan(0);
  });

  test('nothing was complained about and nothing asked of the network', () => {
    expect(browser.complaints).toEqual([]);
    expect(browser.requests.filter((url) => !/^(file|data|about):/.test(url))).toEqual([]);
    expect(browser.requests.length).toBeGreaterThan(0);
  });
});
