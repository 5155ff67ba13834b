/**
 * A zone that moves: its parent names other servers from some moment on. The TTL that the zone
 * itself gives its NS set says when the parent is asked again, if it is the lesser one; it never
 * makes a delegation last longer (threats of the ghost kind are in test/attacks).
 */
import { expect, test } from 'vitest';
import type { ChildNameServers } from '../../src/resolver/child-names.ts';
import type { CutRule } from '../../src/resolver/own-word.ts';
import type { Message } from '../../src/wire/message.ts';
import { COM, Internet, records, ROOT, ROOT_ZONE, zone, type Responder } from './fixture.ts';

const OLD = '192.0.2.44';
const NEW = '192.0.2.55';

/** example.com., with its own NS set of `ttl` beside each answer. */
function serving(address: string, ttl: number): Responder {
  const beside = records(`@ ${ttl} NS ns`, 'example.com.');
  const answer = zone('example.com.', `www 30 A ${address}`);
  return (query, via) => {
    const plain = answer(query, via) as Message;
    return { ...plain, authorities: beside };
  };
}

function comWith(address: string, ttl: number): Responder {
  return zone('com.', `example ${ttl} NS ns.example\nns.example ${ttl} A ${address}`);
}

/** What is answered `waitSeconds` after the first answer and the move. */
async function afterMove(options: {
  readonly ownTtl: number;
  readonly waitSeconds: number;
  readonly childNameServers: ChildNameServers;
  readonly cutRule?: CutRule;
  readonly parentTtl?: number;
}): Promise<string> {
  const internet = new Internet();
  const { parentTtl = 86_400, cutRule = 'shorter' } = options;
  let com = comWith(OLD, parentTtl);
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, (query, via) => com(query, via));
  await internet.serve(OLD, serving(OLD, options.ownTtl));
  await internet.serve(NEW, serving(NEW, options.ownTtl));
  const { childNameServers } = options;
  const resolver = internet.resolver({ childNameServers, cutRule });
  await internet.ask(resolver, 'www.example.com.');
  com = comWith(NEW, parentTtl);
  await internet.world.advance(options.waitSeconds * 1000);
  const told = await internet.ask(resolver, 'www.example.com.');
  return told.includes(NEW) ? 'new' : 'old';
}

test.each<[number, number, ChildNameServers, string]>([
  [300, 290, 'any', 'old'],
  [300, 310, 'any', 'new'],
  // Not more than once a minute.
  [5, 50, 'any', 'old'],
  [5, 70, 'any', 'new'],
  // Never longer than the parent granted.
  [604_800, 86_390, 'any', 'old'],
  [604_800, 86_410, 'any', 'new'],
  // What anybody may have written shortens nothing, and nothing does where it is turned off.
  [300, 310, 'proven', 'old'],
  [300, 310, 'never', 'old'],
])(
  'a zone with an own NS TTL of %i s, %i s after its move, child names %s: %s servers',
  async (ownTtl, waitSeconds, childNameServers, expected) => {
    expect(await afterMove({ ownTtl, waitSeconds, childNameServers })).toBe(expected);
  },
);

test.each<[CutRule, number, number, number, string]>([
  // Parent 600 s, the zone itself 300 s, and the other way round.
  ['shorter', 600, 300, 310, 'new'],
  ['parent', 600, 300, 310, 'old'],
  ['parent', 600, 300, 610, 'new'],
  ['child', 600, 300, 310, 'new'],
  ['shorter', 300, 600, 310, 'new'],
  ['child', 300, 600, 310, 'old'],
  ['child', 300, 600, 610, 'new'],
])(
  'by the rule %s, with %i s at the parent and %i s at the zone, %i s after the move: %s servers',
  async (...[cutRule, parentTtl, ownTtl, waitSeconds, expected]) => {
    const move = { cutRule, parentTtl, ownTtl, waitSeconds, childNameServers: 'any' } as const;
    expect(await afterMove(move)).toBe(expected);
  },
);
