import { describe, expect, test } from 'vitest';

import { tellStory } from '../../../src/lab/picture/story.ts';
import { firstWindow } from '../../../src/lab/picture/window.ts';
import { MS, playSliding, TROUBLE } from './played.ts';

describe('the story of a run', () => {
  const { events } = playSliding({ messages: 12 }, { faults: TROUBLE });
  const story = tellStory(events);
  const count = (kind: string): number => events.filter((event) => event.kind === kind).length;

  test('has a flight for every datagram, and tells the lost from the others', () => {
    const { flights } = story;
    expect(count('lose')).toBeGreaterThan(2);
    expect(flights.length).toBe(count('send'));
    expect(flights.filter(({ fate }) => fate === 'lost').length).toBe(count('lose'));
    expect(flights.filter(({ fate }) => fate === 'arrives').length).toBe(count('receive'));
  });

  test('what the same node sends to the same again is dashed, the first time it is not', () => {
    const third = story.flights.filter(({ label }) => label === 'data 5');
    expect(third.map(({ isAgain }) => isAgain)).toEqual(third.map((_, index) => index > 0));
    expect(third.length).toBeGreaterThan(1);
  });

  test('a message is held back from its first arrival to its delivery, when others are missing', () => {
    const delivered = new Map(
      events.filter(({ kind }) => kind === 'deliver').map((event) => [event.id, event]),
    );
    expect(story.holds.length).toBeGreaterThan(1);
    for (const { receiveId, deliverId, message, toNs, fromNs } of story.holds) {
      expect(delivered.get(deliverId)).toMatchObject({ message, atNs: toNs });
      const arrival = events.find(({ id }) => id === receiveId);
      expect(arrival).toMatchObject({
        kind: 'receive',
        text: 'data',
        detail: message,
        atNs: fromNs,
      });
    }
  });

  test('knows when nodes stood still and when they were down', () => {
    expect(story.spans).toMatchObject([
      { kind: 'paused', node: 1, fromNs: 90 * MS, toNs: 130 * MS },
      { kind: 'down', node: 1, fromNs: 180 * MS, toNs: 220 * MS },
    ]);
  });

  test('a node that delivers twice holds nothing back the second time', () => {
    const broken = tellStory(playSliding({}, { mutant: 'no-dedup' }).events);
    const held = broken.holds.map(({ message }) => message);
    expect(new Set(held).size).toBe(held.length);
  });

  test('where labels do not tell messages, no bar is drawn', () => {
    const shuffled = events.map((event) =>
      event.kind === 'send' || event.kind === 'receive'
        ? { ...event, detail: (event.detail * 7) % 5 }
        : event,
    );
    expect(tellStory(shuffled).holds).toEqual([]);
  });

  test('begins with a window that has something of everything, and not the whole of a long run', () => {
    const long = tellStory(playSliding({ messages: 3000 }, { faults: TROUBLE }).events);
    const { fromNs, toNs } = firstWindow(long);
    expect(fromNs).toBe(0);
    expect(toNs).toBeGreaterThan(220 * MS);
    expect(toNs).toBeLessThan(2000 * MS);
    expect(long.endNs).toBeGreaterThan(10_000 * MS);
  });
});
