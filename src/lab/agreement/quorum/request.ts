/** One request of a client, as its coordinator sees it: who has answered, and what. */

import type { Label, NodeId, Payload, ProcessTimer } from '../../process/process.ts';
import { isNewer, NO_VERSION, newerOf, type Version, valueOf } from './version.ts';

interface RequestParts {
  readonly payload: Payload;
  readonly isRead: boolean;
  /** So many have to answer. */
  readonly needed: number;
  /** What is written; of a read the newest version that anybody has shown. */
  readonly version?: Version;
  /**
   * What the client is told in the end; default: of a read the value, of a write that it is done.
   */
  readonly answer?: Label;
}

export class Request {
  readonly payload: Payload;
  readonly isRead: boolean;
  readonly needed: number;
  version: Version;
  /** It was answered, or given up; late answers may still be put to use. */
  isOver = false;
  timer: ProcessTimer | undefined;
  readonly #answer: Label | undefined;
  readonly #answered = new Map<NodeId, Version>();
  readonly #told = new Set<NodeId>();

  constructor({ payload, isRead, needed, version = NO_VERSION, answer }: RequestParts) {
    this.payload = payload;
    this.isRead = isRead;
    this.needed = needed;
    this.version = version;
    this.#answer = answer;
  }

  get answer(): Label {
    if (this.#answer) return this.#answer;
    return this.isRead ? { tag: 'value', detail: valueOf(this.version) } : { tag: 'ok' };
  }

  take(from: NodeId, version: Version): void {
    this.#answered.set(from, version);
    if (this.isRead) this.version = newerOf(this.version, version);
  }

  get isEnough(): boolean {
    return this.#answered.size >= this.needed;
  }

  hasAnswered(node: NodeId): boolean {
    return this.#answered.has(node);
  }

  /** Those whose answer was older than the newest, each named once a version. */
  takeStale(): readonly NodeId[] {
    const stale = [...this.#answered].filter(([node, version]) => {
      return isNewer(this.version, version) && !this.#told.has(node);
    });
    for (const [node] of stale) this.#told.add(node);
    return stale.map(([node]) => node);
  }

  /** How many have what was read. */
  get holders(): number {
    return [...this.#answered.values()].filter((one) => !isNewer(this.version, one)).length;
  }
}
