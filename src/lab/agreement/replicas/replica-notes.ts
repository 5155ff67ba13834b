/**
 * What a replica says of itself in a trace: what it did for a user, and after every change all that
 * it shows. Written by the replica, read by the checkers.
 */

import type { Context } from '../../process/process.ts';
import { HEAD, type Operation } from './replicated-type.ts';

/** What follows is all that is shown now: so many 'has'. */
export const SHOWS = 'shows';
export const HAS = 'has';

/** 'inserts' says where, 0 for the beginning; the character is the message. */
export function noteOperation(
  context: Pick<Context, 'note'>,
  { kind, value, after = HEAD }: Operation,
  message: number,
): void {
  context.note(kind, kind === 'inserts' ? after - HEAD : value, message);
}

export function noteShown(context: Pick<Context, 'note'>, shown: readonly number[]): void {
  context.note(SHOWS, shown.length);
  for (const one of shown) context.note(HAS, one);
}
