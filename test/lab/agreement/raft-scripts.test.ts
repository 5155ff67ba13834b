/** Rules of Raft whose breach takes several things in one order, each written down by hand. */

import { describe, expect, test } from 'vitest';

import type { RaftMutant } from '../../../src/lab/agreement/raft/raft-options.ts';
import { RaftByHand } from './by-hand.ts';

interface Script {
  readonly servers: number;
  /** What is violated without the rule. */
  readonly property: string;
  play(raft: RaftByHand): void;
}

const SCRIPTS: Partial<Record<RaftMutant, Script>> = {
  // Ongaro 2014, figure 3.7: an entry of an earlier term is on a majority, and is lost all the same.
  'commit-old-term': {
    servers: 5,
    property: 'leader completeness',
    play: (raft) => {
      // (a) Server 0 leads, and its entry reaches only server 1 (and its own disk by the answer).
      raft.stand(0);
      raft.talk(0, 1, 2, 3, 4);
      raft.command(0);
      raft.pass(0, 1);
      raft.pass(1, 0);
      raft.lose();
      // (b) It crashes; server 4 leads without the entry, and has one of its own in that place.
      raft.crash(0);
      raft.stand(4);
      for (const voter of [2, 3]) {
        raft.pass(4, voter);
        raft.pass(voter, 4);
      }
      raft.lose();
      raft.crash(4);
      // (c) Server 0 leads again, in its third term, and brings the old entry to 2 and 3.
      raft.restart(0);
      raft.stand(0);
      raft.lose();
      raft.stand(0);
      for (const voter of [2, 3]) {
        raft.pass(0, voter);
        raft.pass(voter, 0);
      }
      // Refused, since the entry before is missing; then that one, and no further.
      for (const follower of [2, 3]) {
        raft.pass(0, follower);
        raft.pass(follower, 0);
        raft.pass(0, follower);
      }
      raft.pass(2, 0);
      raft.pass(3, 0);
      raft.lose();
      // (d) It crashes, and server 4, whose entry is of a later term, overwrites them.
      raft.crash(0);
      raft.restart(4);
      raft.stand(4);
      raft.lose();
      raft.stand(4);
      raft.talk(4, 1, 2, 3);
    },
  },
  'forget-vote': {
    servers: 3,
    property: 'election safety',
    play: (raft) => {
      raft.stand(0);
      raft.pass(0, 1);
      raft.crash(1);
      raft.restart(1);
      raft.pass(1, 0);
      raft.stand(2);
      raft.pass(2, 1);
      raft.pass(1, 2);
    },
  },
  'no-term-check': {
    servers: 3,
    property: 'leader completeness',
    play: (raft) => {
      raft.stand(0);
      raft.talk(0, 1, 2);
      // What the old leader sends is late.
      raft.command(0);
      raft.stand(2);
      raft.talk(2, 1);
      raft.pass(0, 1);
      // Whoever leads next must have what server 2 has committed, and server 1 had it.
      raft.lose();
      raft.crash(2);
      raft.stand(1);
      raft.talk(1, 0);
    },
  },
  'trust-disk': {
    servers: 3,
    property: 'election safety',
    play: (raft) => {
      raft.stand(2);
      raft.pass(2, 1);
      raft.pass(1, 2);
      // The vote was on its way to the disk: of the write, the term is new, and the vote is not.
      raft.crash(1, { tearsWrite: true });
      raft.restart(1);
      raft.stand(0);
      raft.pass(0, 1);
      raft.pass(1, 0);
    },
  },
};

describe('by hand', () => {
  test.each(Object.entries(SCRIPTS))('%s', (mutant, { servers, property, play }) => {
    const broken = new RaftByHand(servers, mutant as RaftMutant);
    play(broken);
    expect(broken.violated()).toContain(property);
    const whole = new RaftByHand(servers);
    play(whole);
    expect(whole.violated()).toEqual([]);
  });
});
