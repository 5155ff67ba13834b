/**
 * The directed links of a world: which options hold between which two places, and the lane of each
 * pair of addresses that packets went between.
 */

import { hashText } from './hash.ts';
import { Lane, type Timeline } from './lane.ts';
import { Link } from './link.ts';
import { type LinkOptions, modelOf } from './link-options.ts';

/** One end of a directed link: a host's name, or one address for a link of its own. */
export interface LinkEnd {
  readonly host: string;
  readonly address: string;
}

const DEFAULT_LINK: LinkOptions = { delayMs: 10 };
/** A host talking to itself. */
const LOOPBACK_LINK: LinkOptions = { delayMs: 0.02 };

interface Known {
  readonly lane: Lane;
  /** The host that the lane led to, which may not have been there yet. */
  toHost: string;
  /** Of the options that it was given last. */
  version: number;
}

export class Links {
  readonly #seedHash: number;
  readonly #timeline: Timeline;
  readonly #default: LinkOptions;
  readonly #overrides = new Map<string, LinkOptions>();
  /** By the sender's host, its address, and the receiver's: three short look-ups, no new text. */
  readonly #known = new Map<string, Map<string, Map<string, Known>>>();
  #version = 0;

  constructor(seed: string, timeline: Timeline, options: LinkOptions = DEFAULT_LINK) {
    // Here already, where the mistake is.
    modelOf(options);
    this.#seedHash = hashText(0, seed);
    this.#timeline = timeline;
    this.#default = options;
  }

  /** `from` and `to` are names of hosts or addresses; addresses win over hosts. */
  set(from: string, to: string, options: LinkOptions): void {
    // Here already, where the mistake is.
    modelOf(options);
    this.#overrides.set(linkKey(from, to), options);
    this.#version += 1;
  }

  /** What packets between these two travel on. */
  lane(from: LinkEnd, to: LinkEnd): Lane {
    const known = this.#find(from, to);
    if (known.version !== this.#version || known.toHost !== to.host) {
      known.lane.link.change(this.#optionsOf(from, to));
      known.version = this.#version;
      known.toHost = to.host;
    }
    return known.lane;
  }

  #find(from: LinkEnd, to: LinkEnd): Known {
    const senders = entryOf(this.#known, from.host, () => new Map<string, Map<string, Known>>());
    const receivers = entryOf(senders, from.address, () => new Map<string, Known>());
    return entryOf(receivers, to.address, () => {
      const nameHash = hashText(this.#seedHash, linkKey(from.address, to.address));
      const link = new Link(nameHash, this.#optionsOf(from, to));
      return { lane: new Lane(link, this.#timeline), toHost: to.host, version: this.#version };
    });
  }

  #optionsOf(from: LinkEnd, to: LinkEnd): LinkOptions {
    return (
      this.#overrides.get(linkKey(from.address, to.address)) ??
      this.#overrides.get(linkKey(from.address, to.host)) ??
      this.#overrides.get(linkKey(from.host, to.address)) ??
      this.#overrides.get(linkKey(from.host, to.host)) ??
      (from.host === to.host ? LOOPBACK_LINK : this.#default)
    );
  }
}

function linkKey(from: string, to: string): string {
  return `${from} > ${to}`;
}

function entryOf<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
