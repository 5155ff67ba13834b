/**
 * What a Raft server says of itself in a trace: written by the server, read by the checkers, and in
 * words that people can read too.
 */

import type { TraceEvent } from '../../run/trace-event.ts';

export type RaftNote =
  | { readonly kind: 'stands' | 'leads' | 'steps down'; readonly term: number }
  /** Its log has this entry at this place, and nothing behind it. */
  | { readonly kind: 'appends'; readonly index: number; readonly term: number }
  /** Its log begins behind this place, where an entry of this term was. */
  | { readonly kind: 'snapshot'; readonly index: number; readonly term: number }
  /** The leader: everything up to here is on a majority. */
  | { readonly kind: 'commits'; readonly index: number };

const WORDS = {
  stands: 'stands for term',
  leads: 'leads term',
  'steps down': 'steps down in term',
  commits: 'commits up to',
} as const;
/** 'appends an entry of term 3 at', 17: what is said of every entry is not put together anew. */
const PLACED = { appends: 'appends an entry of term', snapshot: 'has a snapshot of term' } as const;
const PLACED_TEXT = /^(appends an entry|has a snapshot) of term (\d+) at$/;

const texts = { appends: new Map<number, string>(), snapshot: new Map<number, string>() };

export function noteText(note: RaftNote): { readonly text: string; readonly detail: number } {
  if (note.kind === 'appends' || note.kind === 'snapshot') {
    const own = texts[note.kind];
    const text = own.get(note.term) ?? `${PLACED[note.kind]} ${note.term} at`;
    if (own.size < MAX_TEXTS) own.set(note.term, text);
    return { text, detail: note.index };
  }
  const detail = note.kind === 'commits' ? note.index : note.term;
  return { text: WORDS[note.kind], detail };
}

/** More terms than a run has. */
const MAX_TEXTS = 1000;

/** Undefined when the event is no such note. */
export function readNote({ kind, text, detail }: TraceEvent): RaftNote | undefined {
  if (kind !== 'note') return undefined;
  const placed = PLACED_TEXT.exec(text);
  if (placed) {
    const term = Number(placed[2]);
    const what = placed[1] === 'has a snapshot' ? 'snapshot' : 'appends';
    return { kind: what, index: detail, term };
  }
  for (const word of ['stands', 'leads', 'steps down'] as const) {
    if (text === WORDS[word]) return { kind: word, term: detail };
  }
  return text === WORDS.commits ? { kind: 'commits', index: detail } : undefined;
}
