/** The defences of `src/client`, for `defences.ts`: what makes a reply count as the reply. */

import { inFile, limitsIn, type Defence } from './defence.ts';

const BUDGETS = 'test/attacks/budgets.test.ts';
const DOUBTS = 'test/client/doubts.test.ts';
const POOL = 'test/client/connection-pool.test.ts';
const SPOOFING = 'test/attacks/spoofing.test.ts';

export const clientDefences: readonly Defence[] = [
  ...limitsIn('src/client/limits.ts', [
    ['ignoredReplies: 100', [SPOOFING, 'ends that wait']],
    ['tcpTimeFactor: 2', [BUDGETS, 'says nothing']],
  ]),
  ...inFile('src/client/matching.ts', [
    [
      'a query is no reply',
      'if (header?.qr !== true || header.opcode',
      'if (!header || header.opcode',
      [SPOOFING, 'a query before'],
    ],
    [
      'the opcode of a reply must be ours',
      '|| header.opcode !== expected.opcode) return',
      ') return',
      [SPOOFING, 'another opcode before'],
    ],
    [
      'the id of a reply must be ours',
      "if (header.id !== expected.id) return { kind: 'wrong id' };",
      '',
      [SPOOFING, 'first reply with a wrong id'],
    ],
    [
      'the question of a reply must be ours',
      "if (!isTo(message, expected)) return { kind: 'other' };",
      '',
      [SPOOFING, 'another name before'],
    ],
    [
      'the letter case of the question must be ours (0x20)',
      'const isOtherCase = isRestored === false;',
      'const isOtherCase = false;',
      [SPOOFING, 'but not the letter case'],
    ],
    [
      'a cookie that is not ours is a reason for doubt (RFC 7873 §5.3)',
      "if (evidence === 'not ours') return 'wrong cookie';",
      '',
      [SPOOFING, 'but its cookie'],
    ],
    [
      'a server that gave a cookie before has to send ours back',
      "return evidence === 'none' && isRequired ? 'no cookie' : undefined;",
      'return isRequired && evidence !== evidence ? undefined : undefined;',
      [DOUBTS, ''],
      [SPOOFING, 'but its cookie'],
    ],
    [
      'the name of the question must be ours',
      ' &&\n    question.name.equals(wanted.name)',
      '',
      [SPOOFING, 'another name before'],
    ],
    [
      'the type of the question must be ours',
      'question?.type === wanted.type &&',
      'question !== undefined &&',
      [SPOOFING, 'another type before'],
    ],
    [
      'the class of the question must be ours',
      'question.class === wanted.class &&',
      '',
      [SPOOFING, 'another class before'],
    ],
    [
      'a reply has one question',
      'questions.length === 1 &&',
      '',
      [SPOOFING, 'two questions before'],
    ],
  ]),
  ...inFile('src/client/sieve.ts', [
    [
      'an error without question waits for something better',
      'return this.#ignore(this.#reply(match.message, octets));',
      'return this.#reply(match.message, octets);',
      [SPOOFING, 'FORMERR without question before'],
    ],
    [
      'a malformed reply waits for something better',
      "return this.#ignore({ kind: 'malformed', reason: match.reason });",
      "return { kind: 'malformed', reason: match.reason };",
      [SPOOFING, 'half a record before'],
    ],
    [
      'a reply larger than was invited is not believed',
      'octets.length > this.#options.invitedOctets',
      'octets.length > 1e9',
      [SPOOFING, 'larger than was asked for'],
    ],
    [
      'the first wrong id ends UDP',
      "return this.#isUdp ? { kind: 'suspect', why: 'wrong id' } : this.#ignore();",
      'return this.#ignore();',
      [SPOOFING, 'the first reply with a wrong id'],
    ],
    [
      'doubt ends UDP',
      "if (doubt && this.#isUdp) return { kind: 'suspect', why: doubt };",
      '',
      [SPOOFING, 'but not the letter case'],
    ],
    [
      'a truncated reply is not believed',
      "      return { kind: 'truncated' };",
      '      return message && this.#reply(message, octets);',
      [SPOOFING, 'what a truncated reply holds'],
    ],
  ]),
  ...inFile('src/client/request.ts', [
    [
      'every datagram has an id of its own',
      'runtime.random.uint16()',
      '4711',
      [SPOOFING, 'a port and an id of its own'],
    ],
  ]),
  ...inFile('src/client/exchange.ts', [
    [
      'BADCOOKIE is answered once over UDP',
      "      if (hasNewCookie) return askOverTcp(runtime, request, { edns, because: 'bad cookie' });\n",
      '',
      [SPOOFING, 'BADCOOKIE for ever'],
    ],
  ]),
  ...inFile('src/client/connection-pool.ts', [
    [
      'whoever accepts connections and closes them is left alone for a while',
      'if (!failure || failure.count < this.#limits.failures) return false;',
      'if (failure !== undefined || !failure) return false;',
      [POOL, 'left alone for a while'],
    ],
    [
      'connections to one server are few',
      '>= perServer) return false;',
      '>= perServer * 1e9) return false;',
      [POOL, 'more than that are refused'],
    ],
  ]),
  ...limitsIn('src/client/limits.ts', [
    ['strangers: 100', [POOL, 'a flood of replies']],
    ['idleMs: 10_000', [POOL, 'which ends when idle']],
  ]),
];
