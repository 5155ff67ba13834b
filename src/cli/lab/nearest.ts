/** The word that was meant, as errors of the laboratory say it. */

import { nearest as nearestWord } from '../config/nearest.ts';

/** ` (did you mean 'loss'?)`, or nothing when no word is near. Letter case does not count. */
export function nearest(word: string, words: readonly string[]): string {
  const byFolded = new Map(words.map((known) => [known.toLowerCase(), known]));
  const meant = nearestWord(word.toLowerCase(), [...byFolded.keys()]);
  return meant === undefined ? '' : ` (did you mean '${byFolded.get(meant)}'?)`;
}
