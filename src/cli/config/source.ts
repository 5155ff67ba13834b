/** The text of a configuration file: where its keys and values stand, and what is wrong there. */

import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import { octetsOf } from '../../wire/name-text.ts';
import { ProblemLog, type ZoneProblem } from '../../zone/problem.ts';

/** Offsets into the text, in UTF-16 units. */
type Span = readonly [from: number, to: number];

export class ConfigSource {
  readonly text: string;
  readonly lines: LineCounter = new LineCounter();
  document: Document | undefined;
  readonly #log: ProblemLog;

  constructor(file: string, octets: Uint8Array) {
    // A byte order mark stays, so that offsets stay what they are.
    this.text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(octets);
    this.#log = new ProblemLog(file, octets);
  }

  get problems(): readonly ZoneProblem[] {
    return this.#log.errors;
  }

  report([from, to]: Span, message: string, code: string): void {
    const { line, col } = this.lines.linePos(from);
    const place = {
      line,
      lineStart: this.#octetOffset(from - col + 1),
      start: this.#octetOffset(from),
      end: this.#octetOffset(Math.max(from, to)),
    };
    this.#log.error(place, octetsOf(message), code);
  }

  /** Where the value at `path` stands, or the innermost one around it that stands anywhere. */
  valueAt(path: readonly unknown[]): Span {
    const { value, key } = this.#find(path);
    return spanOf(value) ?? spanOf(key) ?? [0, 0];
  }

  /** Where the key at the end of `path` stands. */
  keyAt(path: readonly unknown[]): Span {
    const { value, key } = this.#find(path);
    return spanOf(key) ?? spanOf(value) ?? [0, 0];
  }

  #find(path: readonly unknown[]): { readonly value: unknown; readonly key: unknown } {
    let value: unknown = this.document?.contents;
    let key: unknown;
    for (const step of path) {
      if (isMap(value) && typeof step !== 'number') {
        const pair: Pair | undefined = value.items.find(({ key: at }) => nameOf(at) === step);
        if (!pair) break;
        ({ key, value } = pair);
      } else if (isSeq(value)) {
        key = value.items[Number(step)];
        value = key;
      }
      // One value alone counts as a list of it: its only item stands where it stands itself.
    }
    return { value, key };
  }

  #octetOffset(at: number): number {
    return Buffer.byteLength(this.text.slice(0, at));
  }
}

function nameOf(key: unknown): unknown {
  return isScalar(key) ? String(key.value) : key;
}

/** The text of a node, of several lines only the first. */
function spanOf(node: unknown): Span | undefined {
  if (!isNode(node)) return undefined;
  const { range } = node as Node;
  return range ? [range[0], range[1]] : undefined;
}
