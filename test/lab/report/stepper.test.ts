/** Steps through a run by keys. */
import { describe, expect, test } from 'vitest';
import { Stepper } from '../../../src/lab/report/stepper.ts';
import { playSliding, TROUBLE } from '../picture/played.ts';

const { run, events } = playSliding({ messages: 3 }, { faults: TROUBLE });
const stepper = (): Stepper => new Stepper(events, run.nodes);
const steps = events.filter(({ kind }) => kind !== 'state').length;

/** Presses keys, one a character; returns what the last one showed. */
function press(one: Stepper, keys: string): string {
  return keys.split('').reduce((_, key) => one.press(key), '');
}

describe('the stepper', () => {
  test('goes on and back, and says where the run begins and ends', () => {
    const one = stepper();
    expect(one.show()).toMatch(new RegExp(`^1 of ${steps} `));
    expect(press(one, 'nn')).toMatch(/^3 of /);
    expect(press(one, 'p')).toMatch(/^2 of /);
    expect(one.press('left')).toMatch(/^1 of /);
    expect(one.press('p')).toBe('this is the first event');
    expect(one.press('G')).toMatch(new RegExp(`^${steps} of ${steps} `));
    expect(one.press('n')).toBe('this is the last event');
  });

  test('back from an event is where one came from, whatever happened between', () => {
    const one = stepper();
    const there = press(one, 'nnnn');
    expect(press(one, 'nnnpppnpi').length).toBeGreaterThan(0);
    expect(press(one, 'gnnnn')).toBe(there);
  });

  test('finds the next event that says something, then from the start again', () => {
    const one = stepper();
    const found = press(one, '/delivers\n');
    expect(found).toMatch(/delivers message/);
    expect(press(one, '/\n')).not.toBe(found);
    expect(press(one, '/nobody says this\n')).toBe("nothing says 'nobody says this'");
    expect(press(one, 'g/deliverx\u{7f}s\n')).toBe(found);
  });

  test('shows the state of the node before and after, and what led to the event', () => {
    const one = stepper();
    const shown = press(one, '/receives\n');
    expect(shown).toMatch(/ before +after/);
    expect(shown).toMatch(/← changed/);
    expect(shown).toMatch(/because\n.*sends /);
    expect(one.press('i').split('\n')).toHaveLength(run.nodes.length);
  });

  test('q ends it', () => {
    const one = stepper();
    press(one, 'nq');
    expect(one.isOver).toBe(true);
  });
});
