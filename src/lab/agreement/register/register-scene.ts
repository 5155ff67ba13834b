/** What the experiments on a shared register have in common: clients that read and write it. */

import type { Command } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import { callLabel, type RegisterCall } from '../../history/history.ts';
import { packCall } from './register-command.ts';

export const CLIENT_PARAMETERS = {
  operations: { kind: 'count', default: 40, min: 1, max: 100_000, help: 'of each client' },
  interval: { kind: 'duration', default: '100ms', min: '1us', help: 'between two of a client' },
  patience: {
    kind: 'duration',
    default: '1s',
    min: '1ms',
    max: '1h',
    help: 'how long a client waits for an answer',
  },
  keys: { kind: 'count', default: 1, min: 1, max: 26, help: 'registers' },
} as const;
type Values = ValuesOf<typeof CLIENT_PARAMETERS>;

/** Of the changes of a client, every so-manieth compares first. */
const CAS_EVERY = 3;

/**
 * A client of each of `nodes` servers reads and changes in turns; neighbours do so in opposite
 * turns, an equal time after each other. Who compares, compares with what was to be written last.
 */
export function* clientCommands(
  { operations, interval, keys }: Values,
  { nodes, fromNs }: { readonly nodes: number; readonly fromNs: number },
): Generator<Command> {
  const gapNs = Math.max(1, Math.floor(interval / nodes));
  const last = new Map<string, number>();
  for (let round = 0; round < operations; round += 1) {
    for (let node = 0; node < nodes; node += 1) {
      const message = round * nodes + node;
      const key = keys === 1 ? 'date' : String.fromCharCode(97 + (message % keys));
      const call = callOf({ key, message, from: last.get(key), turn: round + node });
      if (call.kind !== 'read') last.set(key, call.value);
      const atNs = fromNs + round * interval + node * gapNs;
      yield { atNs, node, payload: packCall(message, call), label: callLabel(call) };
    }
  }
}

interface Turn {
  readonly key: string;
  readonly message: number;
  readonly from: number | undefined;
  readonly turn: number;
}

/** The number of the message is the value that is written: no two are the same. */
function callOf({ key, message, from, turn }: Turn): RegisterCall {
  if (turn % 2 === 1) return { kind: 'read', key };
  const isCas = from !== undefined && (turn / 2) % CAS_EVERY === CAS_EVERY - 1;
  return isCas
    ? { kind: 'cas', key, from, value: message }
    : { kind: 'write', key, value: message };
}
