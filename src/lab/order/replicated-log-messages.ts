/** What the replicas of B9 send each other. */

import { messageFormat, type MessageFormat, type MessageOf } from '../process/message-format.ts';

const SHAPES = {
  /** What lies below `base` is not wanted any more: delivered, or forgotten in a crash. */
  request: { count: 'u32', base: 'u32', payload: 'rest' },
  append: { view: 'u32', first: 'u32', commit: 'u32', entries: 'rest' },
  appended: { view: 'u32', length: 'u32' },
  commit: { view: 'u32', commit: 'u32' },
  newView: { view: 'u32' },
  change: { view: 'u32', normal: 'u32', commit: 'u32', entries: 'rest' },
  start: { view: 'u32', commit: 'u32', entries: 'rest' },
} as const;

export type Message = MessageOf<typeof SHAPES>;
export type Of<Kind extends Message['kind']> = Extract<Message, { readonly kind: Kind }>;
export const format: MessageFormat<Message> = messageFormat(SHAPES);

/** The latest view first, then the longest: of one view, one log is a prefix of the other. */
export function byLog(a: Of<'change'>, b: Of<'change'>): number {
  return b.normal - a.normal || b.entries.length - a.entries.length;
}
