/** What a zone of ours said, as a step of a story (`query/story.ts`). */

import { questionText, type Step } from '../query/step.ts';
import type { Question } from '../wire/record.ts';
import type { Found } from '../zone/lookup.ts';
import type { Zone } from '../zone/zone.ts';

export function zoneStep({ origin, serial }: Zone, question: Question, found: Found): Step {
  const wildcard = 'wildcard' in found ? found.wildcard : undefined;
  return {
    kind: 'zone',
    zone: origin.toString(),
    serial,
    question: questionText(question),
    found: foundText(found),
    ...(wildcard && { wildcard: wildcard.toString() }),
  };
}

function foundText(found: Found): string {
  switch (found.kind) {
    case 'answer':
      return 'data';
    case 'cname':
      return `alias of ${found.target.toString()}`;
    case 'dname':
      return `DNAME at ${found.rrset.name.toString()}, alias of ${found.target.toString()}`;
    case 'dname too long':
      return `DNAME at ${found.rrset.name.toString()} that leads to too long a name`;
    case 'referral':
      return `zone cut at ${found.ns.name.toString()}`;
    case 'nodata':
      return 'NODATA';
    case 'nxdomain':
      return 'NXDOMAIN';
  }
}
