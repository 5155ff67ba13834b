/** What number server and clients of B6 send each other, and what both are told. */

import { messageFormat, type MessageFormat, type MessageOf } from '../process/message-format.ts';

const SHAPES = {
  ask: {},
  number: { number: 'u32' },
  data: { number: 'u32', origin: 'u16', payload: 'rest' },
  missing: { number: 'u32' },
  sought: { number: 'u32' },
  found: { number: 'u32', origin: 'u16', payload: 'rest' },
  refused: { number: 'u32' },
  void: { number: 'u32' },
} as const;
export type Message = MessageOf<typeof SHAPES>;
export type Data = Message & { readonly kind: 'data' };
export const format: MessageFormat<Message> = messageFormat(SHAPES);

export type NumberServerMutant = 'skip-number-on-timeout' | 'no-holdback';

export interface NumberServerOptions {
  /** Nodes 0 to `members` − 1; the server is node `members`. */
  readonly members: number;
  /** How long a hole is waited for; 0: for ever. */
  readonly fillNs: number;
  /** Of the mutant that has no patience. */
  readonly patienceNs: number;
  readonly mutant?: NumberServerMutant | undefined;
}
