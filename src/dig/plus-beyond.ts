/** The `+options` that dig has not: what nobody told you. */

import { option, toggle, type PlusOption } from './plus-option.ts';
import { readNumber } from './numbers.ts';

const MAX_WATCH_SECONDS = 86_400;
const DEFAULT_WATCH_SECONDS = 1;

const watch = option(
  {
    name: 'watch',
    least: 2,
    value: '[=###]',
    help: 'Ask again and again, every so many seconds, and say what changes',
  },
  (reading, { isOn, value }) => {
    const kind = { what: 'seconds', max: MAX_WATCH_SECONDS };
    const seconds = value === undefined ? DEFAULT_WATCH_SECONDS : readNumber(reading, value, kind);
    reading.lookup.watchSeconds = isOn ? Math.max(seconds, 1) : undefined;
  },
);

export const BEYOND_OPTIONS: readonly PlusOption[] = [
  toggle('compares', {
    name: 'compare',
    least: 4,
    help: 'Ask all servers at the same time, and mark where they differ',
  }),
  toggle('ttlBars', { name: 'ttlbar', least: 4, help: 'Show TTLs as bars' }),
  watch,
];
