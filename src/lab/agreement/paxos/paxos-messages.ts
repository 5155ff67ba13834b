/** What proposers and acceptors of Paxos say, of one decision of several. Ballots are from 1. */

import { messageFormat, type MessageFormat, type MessageOf } from '../../process/message-format.ts';

const SHAPES = {
  prepare: { decision: 'u32', ballot: 'u32' },
  /** Accepted in ballot `accepted`, 0 for none, was `value`. */
  promise: { decision: 'u32', ballot: 'u32', accepted: 'u32', value: 'u32' },
  accept: { decision: 'u32', ballot: 'u32', value: 'u32' },
  accepted: { decision: 'u32', ballot: 'u32' },
  /** Of what was asked in `ballot`, since `promised` was promised. */
  refused: { decision: 'u32', ballot: 'u32', promised: 'u32' },
  decided: { decision: 'u32', value: 'u32' },
} as const;

export type Message = MessageOf<typeof SHAPES>;
export type Of<Kind extends Message['kind']> = Extract<Message, { readonly kind: Kind }>;
export const format: MessageFormat<Message> = messageFormat(SHAPES);
