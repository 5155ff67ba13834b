/**
 * The one table of `+options`: the parser, the help, the manual page and the completions of shells
 * are made from it. Names, abbreviations and effects are those of dig 9.18; those that ts-dig has
 * beyond dig take abbreviations that dig has no use for.
 */

import { BEYOND_OPTIONS } from './plus-beyond.ts';
import { DISPLAY_OPTIONS } from './plus-display.ts';
import type { PlusOption } from './plus-option.ts';
import { QUERY_OPTIONS } from './plus-query.ts';
import { TRANSPORT_OPTIONS } from './plus-transport.ts';

/** In the order of their names. Of two that fit a word the first counts. */
export const PLUS_OPTIONS: readonly PlusOption[] = [
  ...BEYOND_OPTIONS,
  ...DISPLAY_OPTIONS,
  ...QUERY_OPTIONS,
  ...TRANSPORT_OPTIONS,
].toSorted((one, other) => (one.name < other.name ? -1 : 1));
