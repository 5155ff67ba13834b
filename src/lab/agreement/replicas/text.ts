/**
 * A text that several write at the same time: a replicated growable array (Roh, Jeon, Kim, Lee,
 * JPDC 2011). A character is inserted behind another one, and stays behind it for ever. Of those
 * that were inserted behind the same one the later comes first, by Lamport's clock: so what one
 * person typed in one go is not torn apart by what another typed there meanwhile. A character that
 * is deleted keeps its place, unseen: others may be behind it.
 *
 * (The editor of the lecture's example has a server that puts all changes into one order, and
 * transforms each by those before it. This needs no server.)
 */

import type { ReplicaMutant } from './replica-options.ts';
import {
  HEAD,
  type Operation,
  type ReplicatedType,
  rowsOf,
  type Stamp,
} from './replicated-type.ts';

interface Character {
  readonly id: number;
  readonly after: number;
  /** Lamport's clock: greater than that of all that its writer knew. */
  readonly time: number;
  readonly origin: number;
  readonly isGone: boolean;
}
/** In the order of the text, with those that are gone. */
type Text = readonly Character[];

const WIDTH = 5;

export function growableText(mutant?: ReplicaMutant): ReplicatedType<Text> {
  const put = (text: Text, character: Character): Text => {
    return mutant === 'no-order' ? putNext(text, character) : putInOrder(text, character);
  };
  return {
    empty: [],
    update: (text, operation, stamp) => {
      if (operation.kind === 'inserts') return put(text, characterOf(text, operation, stamp));
      if (mutant === 'no-tombstones') return text.filter(({ id }) => id !== operation.value);
      return text.map((one) => (one.id === operation.value ? { ...one, isGone: true } : one));
    },
    merge: (a, b) => {
      const theirs = new Map(b.map((character) => [character.id, character]));
      const known = new Set(a.map(({ id }) => id));
      const marked = a.map((one) => (theirs.get(one.id)?.isGone === true ? gone(one) : one));
      // Whatever a character is behind is before it in their text.
      return b.filter(({ id }) => !known.has(id)).reduce(put, marked);
    },
    shows: (text) => text.filter(({ isGone }) => !isGone).map(({ id }) => id),
    pack: (text) =>
      text.flatMap(({ id, after, time, origin, isGone }) => {
        return [id, after - HEAD, time, origin, isGone ? 1 : 0];
      }),
    unpack: (numbers) =>
      rowsOf(numbers, WIDTH)?.map(([id = 0, after = 0, time = 0, origin = 0, goneBit = 0]) => {
        return { id, after: after + HEAD, time, origin, isGone: goneBit === 1 };
      }),
  };
}

function characterOf(text: Text, { value, after = HEAD }: Operation, { origin }: Stamp): Character {
  const time = 1 + text.reduce((latest, one) => Math.max(latest, one.time), 0);
  return { id: value, after, time, origin, isGone: false };
}

function gone(character: Character): Character {
  return character.isGone ? character : { ...character, isGone: true };
}

/** Behind what it is after, and behind all that is later and follows that. */
function putInOrder(text: Text, character: Character): Text {
  let place = 1 + text.findIndex(({ id }) => id === character.after);
  for (; place < text.length; place += 1) {
    const next = text[place];
    if (next === undefined || !isLater(next, character)) break;
  }
  return text.toSpliced(place, 0, character);
}

/** The mutant's: right behind what it is after, wherever others have put theirs. */
function putNext(text: Text, character: Character): Text {
  return text.toSpliced(1 + text.findIndex(({ id }) => id === character.after), 0, character);
}

function isLater(a: Character, b: Character): boolean {
  return a.time > b.time || (a.time === b.time && a.origin > b.origin);
}
