/**
 * Mnemonics of types and classes as numbers, five bits a letter, for `plain-lines.ts`: so that the
 * word of each line is compared without a string being made of it.
 */

import { RRType } from '../wire/iana.ts';

/** Five bits a letter. */
function wordOf(text: string): number {
  let word = 0;
  for (let i = 0; i < text.length; i++) word = word * 32 + (text.charCodeAt(i) & 31);
  return word;
}

export const CLASS_IN: number = wordOf('IN');
const WORD_A = wordOf('A');
const WORD_NS = wordOf('NS');
const WORD_MX = wordOf('MX');
const WORD_AAAA = wordOf('AAAA');
const WORD_TXT = wordOf('TXT');
const WORD_PTR = wordOf('PTR');
const WORD_SRV = wordOf('SRV');
const WORD_CNAME = wordOf('CNAME');
const WORD_SOA = wordOf('SOA');

/** 0 for a type that has no short way. */
export function typeOfWord(word: number): number {
  switch (word) {
    case WORD_A:
      return RRType.A;
    case WORD_AAAA:
      return RRType.AAAA;
    case WORD_NS:
      return RRType.NS;
    case WORD_CNAME:
      return RRType.CNAME;
    case WORD_SOA:
      return RRType.SOA;
    case WORD_MX:
      return RRType.MX;
    case WORD_TXT:
      return RRType.TXT;
    case WORD_PTR:
      return RRType.PTR;
    case WORD_SRV:
      return RRType.SRV;
    default:
      return 0;
  }
}
