/** Records as lines of what they say, without how long they may be kept: for comparing answers. */

import { rcodeText, typeText } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import { printRdata } from '../wire/rdata/rdata.ts';
import type { ResourceRecord } from '../wire/record.ts';

/** 'www.example. A 192.0.2.10'. Escaped as everything that is printed. */
function recordLine({ name, type, rdata }: ResourceRecord): string {
  return `${name.toString()} ${typeText(type)} ${printRdata(type, rdata)}`;
}

/** What an answer says, in an order of its own: the status, and each record once. */
export function answerLines({ rcode, answers }: Message): readonly string[] {
  const lines = [...new Set(answers.map(recordLine))].toSorted();
  return [`status ${rcodeText(rcode)}`, ...lines];
}

export interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Undefined where both say the same. */
export function differenceOf(
  before: readonly string[],
  after: readonly string[],
): Difference | undefined {
  const added = after.filter((line) => !before.includes(line));
  const removed = before.filter((line) => !after.includes(line));
  return added.length + removed.length === 0 ? undefined : { added, removed };
}
