/** What defends zones: who may take or change them, and what a primary may do to us. */

import { inFile, type Defence } from './defence.ts';

const OUT = 'test/authority/transfer-out.test.ts';
const IN = 'test/authority/transfer-in.test.ts';
const KEEPER = 'test/authority/keeper.test.ts';
const SECONDARY = 'test/authority/secondary.test.ts';
const JOURNAL = 'test/authority/zone-journal.test.ts';

export const authorityDefences: readonly Defence[] = [
  ...inFile('src/authority/policy.ts', [
    [
      'nobody may take a zone unless it is said',
      '  if (!permission) return false;',
      '  if (!permission) return true;',
      [OUT, 'is refused, as everybody is'],
    ],
  ]),
  ...inFile('src/authority/transfer-out.ts', [
    [
      'transfers at once are counted',
      'if (this.#taken >= transfers || count >= transfersPerAddress) return undefined;',
      'if (Math.PI < 3) return undefined;',
      [OUT, 'takes no more places'],
    ],
  ]),
  ...inFile('src/server/tcp-session.ts', [
    [
      'who takes nothing of a transfer is cut off',
      'done(isIdle && this.#isOpen);',
      'if (isIdle) done(this.#isOpen);',
      [OUT, 'by who reads nothing'],
    ],
  ]),
  ...inFile('src/authority/keeper.ts', [
    [
      'a zone is changed by who may alone',
      'const isPermitted = permits(policies.for(name).update, asker);',
      'const isPermitted = Math.PI > 3;',
      [KEEPER, 'is refused to who may not'],
    ],
    [
      'news of a zone is heard from its primaries alone',
      'if (!secondary || (isPrimary !== true && !permits(notify, asker))) {',
      'if (!secondary) {',
      [SECONDARY, 'from a stranger is refused'],
    ],
  ]),
  ...inFile('src/authority/keeper.ts', [
    [
      'news of all zones together is looked into fifty times a second',
      'const atMs = Math.max(dueMs, this.#nextNotifiedMs);',
      'const atMs = dueMs;',
      ['test/authority/forwarding.test.ts', 'NOTIFY of a hundred zones'],
    ],
  ]),
  ...inFile('src/authority/secondary.ts', [
    [
      'news of a zone is looked into once a second',
      'Math.max(nowMs, this.#notifiedAtMs + this.#limits.notifyMs)',
      'nowMs',
      [SECONDARY, 'a storm in the name of the primary'],
    ],
  ]),
  ...inFile('src/authority/transfer-collector.ts', [
    [
      'a primary gives no records of other zones',
      'if (!name.isSubdomainOf(this.#origin)) return `${describe(record)} is outside the zone`;\n',
      '',
      [IN, 'a record outside the zone'],
    ],
    [
      'differences begin where we are',
      "if (serialOf(record) !== before) return 'its differences do not follow each other';\n",
      '',
      [IN, 'begin with another version'],
    ],
  ]),
  ...inFile('src/authority/transfer-in.ts', [
    [
      'a transfer has a size',
      'if (octets > most) flaw = `it is larger than ${most} octets`;\n',
      '',
      [IN, 'ends at the size'],
    ],
  ]),
  ...inFile('src/authority/journal-format.ts', [
    [
      'an entry of a journal has a checksum',
      'if (Buffer.compare(checksumOf(payload), checksum) !== 0) return;\n',
      '',
      [JOURNAL, 'cut at any octet'],
    ],
  ]),
];
