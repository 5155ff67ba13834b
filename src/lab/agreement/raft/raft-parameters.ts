/** What is the same in every experiment with Raft: its parameters and its mutants. */

import type { ValuesOf } from '../../experiment/parameters.ts';
import type { RaftMutant, RaftOptions } from './raft-options.ts';

export const RAFT_PARAMETERS = {
  heartbeat: { kind: 'duration', default: '50ms', min: '1ms', help: 'of the leader, H' },
  timeout: {
    kind: 'duration',
    default: '150ms',
    min: '1ms',
    max: '100s',
    help: 'silence of the leader, at least, D',
  },
  stagger: {
    kind: 'duration',
    default: '150ms',
    max: '4s',
    help: 'and by chance up to so much longer',
  },
  prevote: { kind: 'flag', default: false, help: 'asks whether it could win before it stands' },
  batch: { kind: 'count', default: 64, min: 1, max: 1000, help: 'entries in one message' },
  window: { kind: 'count', default: 8, min: 1, max: 1000, help: 'messages under way to a server' },
  compact: { kind: 'count', default: 0, min: 0, max: 1e6, help: 'entries a snapshot; 0: none' },
} as const;

export function raftOptions(values: ValuesOf<typeof RAFT_PARAMETERS>): RaftOptions {
  const { heartbeat, timeout, stagger, prevote, batch, window, compact } = values;
  return {
    heartbeatNs: heartbeat,
    timeoutNs: [timeout, timeout + stagger],
    hasPreVote: prevote,
    batch,
    window,
    compactAfter: compact,
  };
}

export const RAFT_MUTANTS: Readonly<Record<RaftMutant, string>> = {
  'ack-before-persist': 'answers before the disk has it: leader completeness',
  'commit-old-term': 'counts entries of earlier terms as committed: leader completeness',
  'forget-vote': 'votes again after a crash: election safety',
  'no-log-check': 'votes for those whose log is behind its own: leader completeness',
  'no-term-check': 'follows leaders of earlier terms, no fencing: leader completeness',
  'minority-commit': 'commits with one server less than a majority: leader completeness',
  'no-truncate': 'keeps what a new leader does not have: state machine safety',
  'trust-disk': 'writes once, and believes what a crash tore: election safety',
};
