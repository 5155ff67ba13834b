/**
 * Steps through the events of a run in a terminal, forward and back: each with the state of its
 * node before and after, and with what led to it. Keys go in, text comes out; who reads keys and
 * shows text is not its business.
 */

import { Causes } from '../picture/causes.ts';
import { timeOf, wordsOf } from '../picture/words.ts';
import type { State, TraceEvent } from '../run/trace-event.ts';
import { printTable } from './table.ts';

/** The nearest causes. */
const MAX_CAUSES = 8;

export const STEP_HELP =
  'n next, p previous, g first, G last, / find (then Enter), i nodes, ? keys, q quit';

export class Stepper {
  readonly #nodes: readonly string[];
  /** What can be at the cursor: states are shown with the events that led to them. */
  readonly #steps: readonly TraceEvent[];
  readonly #causes: Causes;
  readonly #states: readonly TraceEvent[];
  #at = 0;
  /** What was typed of a word to find; undefined while nothing is. */
  #typed: string | undefined;
  #sought = '';
  #isOver = false;

  constructor(events: readonly TraceEvent[], nodes: readonly string[]) {
    this.#nodes = nodes;
    this.#steps = events.filter(({ kind }) => kind !== 'state');
    this.#states = events.filter(({ kind }) => kind === 'state');
    this.#causes = new Causes(events);
  }

  /** After 'q'. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** What to show after a key: a character, or 'left', 'right'. Empty: nothing new. */
  press(key: string): string {
    if (this.#typed !== undefined) return this.#type(key, this.#typed);
    switch (key) {
      case 'n':
      case ' ':
      case 'right':
        return this.#move(this.#at + 1, 'this is the last event');
      case 'p':
      case 'left':
        return this.#move(this.#at - 1, 'this is the first event');
      case 'g':
        return this.#move(0, '');
      case 'G':
        return this.#move(this.#steps.length - 1, '');
      case 'i':
        return this.#nodesText();
      case '/':
        this.#typed = '';
        return 'find: ';
      case '?':
        return STEP_HELP;
      case 'q':
      case '\u{3}':
        this.#isOver = true;
        return '';
      default:
        return '';
    }
  }

  /** The event at the cursor. */
  show(): string {
    const event = this.#steps[this.#at];
    if (event === undefined) return 'nothing happened in this run';
    const place = `${this.#at + 1} of ${this.#steps.length}`;
    const title = `${place}   ${timeOf(event)}   ${wordsOf(event, this.#nodes)}`;
    return [title, ...this.#stateLines(event), ...this.#causeLines(event)].join('\n');
  }

  #move(to: number, refusal: string): string {
    if (to < 0 || to >= this.#steps.length) return refusal;
    this.#at = to;
    return this.show();
  }

  #type(key: string, typed: string): string {
    if (key === '\r' || key === '\n') {
      this.#typed = undefined;
      return this.#find(typed === '' ? this.#sought : typed);
    }
    this.#typed = key === '\u{7f}' ? typed.slice(0, -1) : `${typed}${key}`;
    return '';
  }

  /** The next event with these words, then from the start again. */
  #find(words: string): string {
    this.#sought = words;
    const { length } = this.#steps;
    for (let ahead = 1; ahead <= length; ahead += 1) {
      const at = (this.#at + ahead) % length;
      const event = this.#steps[at];
      if (event && wordsOf(event, this.#nodes).includes(words)) return this.#move(at, '');
    }
    return `nothing says '${words}'`;
  }

  #stateLines(event: TraceEvent): readonly string[] {
    const { before = {}, after = {} } = this.#causes.statesAround(event);
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    if (keys.length === 0) return [];
    const rows = keys.map((key) => {
      const [old, now] = [String(before[key] ?? '–'), String(after[key] ?? '–')];
      return [key, old, now, old === now ? '' : '← changed'];
    });
    const name = this.#nodes[event.node] ?? 'state';
    return ['', ...printTable([[name, 'before', 'after', ''], ...rows])];
  }

  #causeLines(event: TraceEvent): readonly string[] {
    const chain = this.#causes.chainOf(event).slice(0, -1).slice(-MAX_CAUSES).toReversed();
    if (chain.length === 0) return [];
    const lines = chain.map((cause) => `    ${timeOf(cause)}   ${wordsOf(cause, this.#nodes)}`);
    return ['', '  because', ...lines];
  }

  /** What every node showed last. */
  #nodesText(): string {
    const now = this.#steps[this.#at]?.id ?? 0;
    const lines = this.#nodes.map((name, node) => {
      const last = this.#states.findLast(
        (event) => event.node === node && (event.id <= now || event.cause <= now),
      );
      return `  ${name}: ${stateWords(last?.state)}`;
    });
    return lines.join('\n');
  }
}

function stateWords(state: State | undefined): string {
  const words = Object.entries(state ?? {}).map(([key, value]) => `${key} ${value}`);
  return words.length === 0 ? 'shows no state' : words.join(', ');
}
