import { expect, test } from 'vitest';
import { answerFromZones } from '../../src/authority/answer.ts';
import { ZoneSet } from '../../src/authority/zone-set.ts';
import { describeStep, type Step } from '../../src/query/step.ts';
import type { Story } from '../../src/query/story.ts';
import { DnsClass, RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { loadZone } from '../../src/zone/zone.ts';

const ZONE = `
@       60 SOA ns host 7 3600 600 86400 60
@       60 NS ns
ns      60 A 192.0.2.1
www     60 A 192.0.2.80
alias   60 CNAME www
*.wild  60 A 192.0.2.81
tree    60 DNAME wild
child   60 NS ns.child
`;

/** What the zone tells of a question, but for the part that is the same for all. */
function told(name: string, type: number = RRType.A): string[] {
  const zone = loadZone(new TextEncoder().encode(ZONE), {
    file: 'z',
    origin: nameOf('example.'),
  });
  if (!zone.ok) throw new Error(zone.error[0]!.message);
  const steps: Step[] = [];
  const story = { tell: (step: Step) => steps.push(step) } as unknown as Story;
  const question = { name: nameOf(name, nameOf('example.')), type, class: DnsClass.IN };
  answerFromZones(new ZoneSet([zone.value]), question, { any: 'all', isMinimal: true, story });
  return steps.map((step) => describeStep(step).replace('our zone example. (serial 7) has ', ''));
}

test.each([
  ['www', ['for www.example. A: data']],
  ['alias', ['for alias.example. A: alias of www.example.', 'for www.example. A: data']],
  ['a.wild', ['for a.wild.example. A: data, made from *.wild.example.']],
  [
    'b.tree',
    [
      'for b.tree.example. A: DNAME at tree.example., alias of b.wild.example.',
      'for b.wild.example. A: data, made from *.wild.example.',
    ],
  ],
  ['x.child', ['for x.child.example. A: zone cut at child.example.']],
  ['ns.www', ['for ns.www.example. A: NXDOMAIN']],
  ['wild', ['for wild.example. A: NODATA']],
])('%s: what of the zone matched', (name, lines) => {
  expect(told(name)).toEqual(lines);
});
