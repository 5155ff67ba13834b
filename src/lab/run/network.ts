/**
 * What lies between the nodes of a run, in virtual time and on real sockets alike: a channel for
 * each ordered pair, partitions, and the carrying out of faults.
 */

import assert from 'node:assert/strict';

import { hashText } from '../../sim/hash.ts';
import type { Timeline, Traveller } from '../../sim/lane.ts';
import { Link } from '../../sim/link.ts';
import type { LinkOptions } from '../../sim/link-options.ts';
import type { NodeId } from '../process/process.ts';
import { Channel } from './channel.ts';
import { isOnLink, type LinkFault, type NetworkFault } from './fault.ts';
import type { LossReason } from './trace-event.ts';

export interface NetworkOptions {
  readonly seed: string;
  /** Every link without one of its own. */
  readonly link: LinkOptions;
  readonly links?: readonly OwnLink[];
  readonly timeline: Timeline;
}

export interface OwnLink {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly link: LinkOptions;
}

/** A datagram as a channel takes it. */
export interface Parcel extends Traveller {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly octets: number;
}

export class Network {
  readonly #options: NetworkOptions;
  readonly #seedHash: number;
  /** By sender, then by receiver: made when the first datagram goes there. */
  readonly #channels: (Channel | undefined)[][] = [];
  /** The group of each node while there is a partition. */
  #groups: ReadonlyMap<NodeId, number> | undefined;

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#seedHash = hashText(0, options.seed);
  }

  /** Returns why it is lost, or undefined when it is under way. */
  send(parcel: Parcel): LossReason | undefined {
    const { from, to, octets } = parcel;
    const isParted = this.#groups !== undefined && this.#isParted(from, to);
    return this.#channel(from, to).send(octets, parcel, isParted);
  }

  /** Does what the fault says, from now on. */
  inflict(fault: NetworkFault): void {
    if (isOnLink(fault)) {
      this.#inflictOn(this.#channel(fault.from, fault.to), fault);
    } else if (fault.kind === 'partition') {
      this.#groups = new Map(
        fault.groups.flatMap((nodes, group) => nodes.map((node) => [node, group] as const)),
      );
    } else {
      this.#groups = undefined;
      for (const row of this.#channels) for (const channel of row) channel?.heal();
    }
  }

  #inflictOn(channel: Channel, fault: LinkFault): void {
    switch (fault.kind) {
      case 'cut':
        channel.cut();
        return;
      case 'drop':
        channel.script({ kind: 'drop', nth: fault.nth, byNs: 0 });
        return;
      case 'double':
      case 'delay':
        channel.script({ kind: fault.kind, nth: fault.nth, byNs: fault.byNs });
        return;
      case 'clog':
        channel.clog(fault.byNs, fault.forNs);
        return;
      case 'link':
        channel.change(fault.link);
        return;
      case 'hold':
        channel.hold();
        return;
      case 'release':
        channel.release();
    }
  }

  #isParted(from: NodeId, to: NodeId): boolean {
    const one = this.#groups?.get(from);
    const other = this.#groups?.get(to);
    return one !== undefined && other !== undefined && one !== other;
  }

  #channel(from: NodeId, to: NodeId): Channel {
    return this.#channels[from]?.[to] ?? this.#open(from, to);
  }

  #open(from: NodeId, to: NodeId): Channel {
    assert(from >= 0 && to >= 0, `there is no link from node ${from} to node ${to}`);
    const { link, links = [], timeline } = this.#options;
    // The last one counts, as in a list that is read from the top.
    const own = links.findLast((one) => one.from === from && one.to === to);
    const nameHash = hashText(this.#seedHash, `node ${from} > node ${to}`);
    const channel = new Channel(new Link(nameHash, own?.link ?? link), timeline);
    while (this.#channels.length <= from) this.#channels.push([]);
    const row = this.#channels[from] as (Channel | undefined)[];
    while (row.length <= to) row.push(undefined);
    row[to] = channel;
    return channel;
  }
}
