/** How Paxos is set up. */

export type PaxosMutant = 'forget-promise' | 'own-value-always' | 'no-disk' | 'one-is-enough';

export interface PaxosOptions {
  /** Nodes below propose; those from here on accept. */
  readonly proposers: number;
  /** How long an acceptor writes to its disk before it answers. */
  readonly writeNs: number;
  /** How long a proposer waits for a majority until it begins a new ballot. */
  readonly timeoutNs: number;
  /** How long it waits after a refusal. */
  readonly waitNs: number;
  /** Instead, with this chance, for as long as another needs to have its way. */
  readonly stepBack: number;
  readonly stepBackNs: number;
  /** The chance of an acceptor to be down as long as a decision takes. */
  readonly down: number;
  readonly mutant?: PaxosMutant | undefined;
}
