/** What keeps a server that is asked for too much answering (`defences.ts`). */

import { inFile, type Defence } from './defence.ts';

const BACKLOG = 'test/query/backlog.test.ts';
const KNOWS = 'test/resolver/knows.test.ts';
const OVERLOAD = 'test/app/overload.test.ts';

export const overloadDefences: readonly Defence[] = [
  ...inFile('src/query/backlog.ts', [
    [
      'a turn of the event loop does not begin all that came',
      'else if (nowMs >= this.#untilMs) this.#isOpen = false;',
      '',
      [BACKLOG, 'however many come'],
      [OVERLOAD, 'of a flood'],
    ],
    [
      'those that wait are begun in several turns',
      'if (nowMs >= untilMs) return;',
      '',
      [BACKLOG, 'however many come'],
    ],
    [
      'the more there is to finish, the less is begun',
      'isLong ? beginLessMs : beginMs',
      'beginMs',
      [BACKLOG, 'while there is much to finish'],
    ],
    ['so many wait, and no more', 'queries: 512', 'queries: 65_536', [OVERLOAD, 'of a flood']],
    [
      'whoever waits has a chance, however fast others come',
      '< backlogLimits.safeMs;',
      '< 0;',
      [BACKLOG, 'a moment ago'],
    ],
    [
      'what nobody waits for any more is not begun',
      'if (isLate) this.#handlers.shed(item);',
      'if (isLate) this.#handlers.begin(item);',
      [BACKLOG, 'who has waited too long'],
    ],
  ]),
  ...inFile('src/resolver/known.ts', [
    [
      'a flood does not keep the cache from answering',
      'if (local.answer(asked) || isKnown(cache, asked, nowMs)) return true;',
      '',
      [KNOWS, 'what is known is'],
      [OVERLOAD, 'what the cache knows'],
    ],
  ]),
];
