import { describe, expect, test } from 'vitest';

import { ticksOf } from '../../../src/lab/picture/axis.ts';
import { drawDiagram } from '../../../src/lab/picture/diagram.ts';
import { tellStory } from '../../../src/lab/picture/story.ts';
import { LETTER_PX } from '../../../src/lab/picture/style.ts';
import { firstWindow } from '../../../src/lab/picture/window.ts';
import { MS, playSliding, TROUBLE } from './played.ts';

describe('a space-time diagram', () => {
  const { run, events } = playSliding({ messages: 12 }, { faults: TROUBLE });
  const story = tellStory(events);
  const window = { fromNs: 0, toNs: story.endNs };
  const { markup, layout } = drawDiagram(story, {
    title: 'a <b> & "c"',
    nodes: ['one', 'two & <three>'],
    window,
    marked: [story.dots[0]!.id],
    foot: 'repro: x',
  });
  const count = (pattern: RegExp): number => markup.match(pattern)?.length ?? 0;

  test('draws every flight, a cross for each that is lost, a head for each that arrives', () => {
    const lost = story.flights.filter(({ fate }) => fate === 'lost').length;
    expect(count(/class="message"/g)).toBe(story.flights.length);
    // One more of each in the legend.
    expect(count(/class="cross"/g)).toBe(lost + 1);
    expect(count(/class="flight[^"]* again"/g)).toBe(
      story.flights.filter(({ isAgain }) => isAgain).length + 1,
    );
    expect(count(/class="receive"/g)).toBe(
      events.filter(({ kind }) => kind === 'receive').length + 1,
    );
    expect(count(/class="hold"/g)).toBe(story.holds.length + 1);
    expect(count(/class="wrong"/g)).toBe(1);
  });

  test('no word is cut off at the ends of the time that is shown', () => {
    const part = { fromNs: 3 * MS, toNs: 40 * MS };
    const told = { title: '', nodes: ['a', 'b'], window: part, marked: [], foot: '' };
    const drawn = drawDiagram(story, told);
    const labels = [...drawn.markup.matchAll(/class="label" x="([\d.-]+)"[^>]*>([^<]*)</g)];
    const { left, right } = drawn.layout;
    const spans = labels.map(([, x, word = '']): readonly [number, number] => {
      const half = (word.length * LETTER_PX) / 2;
      return [Number(x) - half, Number(x) + half];
    });
    expect(spans.length).toBeGreaterThan(3);
    expect(Math.min(...spans.map(([from]) => from))).toBeGreaterThanOrEqual(left - 8);
    expect(Math.max(...spans.map(([, to]) => to))).toBeLessThanOrEqual(right + 8);
  });

  test('time is linear and lanes are apart', () => {
    const middle = (layout.x(window.fromNs) + layout.x(window.toNs)) / 2;
    expect(layout.x((window.fromNs + window.toNs) / 2)).toBeCloseTo(middle);
    expect(layout.y(1) - layout.y(0)).toBeGreaterThan(60);
  });

  test('text is escaped: names and titles end no tag', () => {
    expect(markup).toContain('a &lt;b&gt; &amp; &quot;c&quot;');
    expect(markup).toContain('two &amp; &lt;three&gt;');
    expect(markup).not.toContain('<three>');
    // Every tag is closed: what opens and what closes are as many.
    const opened = count(/<[a-zA-Z](?:[^>]*[^/])?>/g);
    expect(count(/<\/[a-zA-Z]+>/g)).toBe(opened);
  });

  test('the legend explains what is there and nothing else', () => {
    expect(markup).toContain('>held back<');
    const plain = playSliding({ messages: 1, loss: 0 });
    const quiet = tellStory(plain.events);
    const drawn = drawDiagram(quiet, { title: '', nodes: run.nodes, window: firstWindow(quiet) });
    expect(drawn.markup).not.toMatch(/>(held back|lost|down|paused)</);
    expect(drawn.markup).toContain('>deliver<');
  });

  test('twenty thousand datagrams in one window stay a picture that can be opened', () => {
    const crowd = tellStory(playSliding({ messages: 5000 }).events);
    expect(crowd.flights.length).toBeGreaterThan(10_000);
    const all = { fromNs: 0, toNs: crowd.endNs };
    const drawn = drawDiagram(crowd, { title: '', nodes: run.nodes, window: all });
    expect(drawn.markup.length).toBeLessThan(1_000_000);
    expect(drawn.markup).toMatch(/\d+ of \d+ datagrams fall on others/);
    expect(drawn.markup.match(/class="cross"/g)!.length).toBeGreaterThan(10);
  });
});

describe('the time axis', () => {
  test.each([
    [0, 100 * MS, 10, ['0 ms', '10 ms', '20 ms']],
    [0, 3 * MS, 6, ['0 ms', '0.5 ms', '1 ms']],
    [95 * MS, 110 * MS, 8, ['96 ms', '98 ms', '100 ms']],
    [0, 1500, 8, ['0 ns', '200 ns', '400 ns']],
    [0, 7200e9, 8, ['0 h', '0.5 h', '1 h']],
    [0, 600e9, 10, ['0 min', '1 min', '2 min']],
  ])('from %d to %d in at most %d ticks', (fromNs, toNs, count, first) => {
    const ticks = ticksOf(fromNs, toNs, count);
    expect(ticks.slice(0, 3).map(({ label }) => label)).toEqual(first);
    expect(ticks.length).toBeLessThanOrEqual(count + 1);
    expect(ticks.length).toBeGreaterThan(2);
  });
});
