/** What the servers of Raft send each other. */

import { messageFormat, type MessageFormat, type MessageOf } from '../../process/message-format.ts';

const SHAPES = {
  /** A command for the log. What lies below `base` is not wanted any more. */
  request: { count: 'u32', base: 'u32', payload: 'rest' },
  vote: { term: 'u32', lastIndex: 'u32', lastTerm: 'u32', isPre: 'u8' },
  voted: { term: 'u32', isGranted: 'u8', isPre: 'u8' },
  append: {
    term: 'u32',
    previousIndex: 'u32',
    previousTerm: 'u32',
    commit: 'u32',
    entries: 'rest',
  },
  snapshot: { term: 'u32', index: 'u32', indexTerm: 'u32', state: 'rest' },
  /** Accepted: the logs agree up to `match`. Refused behind `previous`: try behind `match`. */
  appended: { term: 'u32', isAccepted: 'u8', previous: 'u32', match: 'u32' },
} as const;

export type Message = MessageOf<typeof SHAPES>;
export type Of<Kind extends Message['kind']> = Extract<Message, { readonly kind: Kind }>;
export const format: MessageFormat<Message> = messageFormat(SHAPES);
