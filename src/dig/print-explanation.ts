/**
 * How the server came to its answer, as an indented tree for `+explain`. Every word of it is the
 * server's, so nothing but printable ASCII passes.
 */

import type { Message } from '../wire/message.ts';
import { decodeExplanation, EXPLAIN_OPTION, type Explanation } from '../wire/explanation.ts';
import type { Result } from '../wire/result.ts';

/** Deeper steps stand where these do: a line has an end. */
const MAX_DEPTH = 20;

/** The explanation of a reply; undefined when none came. */
function explanationOf({ edns }: Message): Result<Explanation, string> | undefined {
  const option = edns?.options.find(({ code }) => code === EXPLAIN_OPTION);
  return option && decodeExplanation(option.data);
}

/** The message without the option, which is shown in its own way. */
export function withoutExplanation(message: Message): Message {
  const { edns } = message;
  if (!edns) return message;
  const options = edns.options.filter(({ code }) => code !== EXPLAIN_OPTION);
  return { ...message, edns: { ...edns, options } };
}

export function printExplanation(message: Message): string {
  const explanation = explanationOf(message);
  if (!explanation) return `;; EXPLANATION: ${NONE_CAME}\n\n`;
  if (!explanation.ok) return `;; EXPLANATION: unusable: ${explanation.error}\n\n`;
  const { steps, omitted, omittedAfter = steps.length } = explanation.value;
  const lines = steps.map(({ at, depth, text }) => {
    const indent = '  '.repeat(Math.min(depth, MAX_DEPTH));
    return `;; ${at.toFixed(1).padStart(7)} ms  ${indent}${printable(text)}\n`;
  });
  if (omitted > 0) lines.splice(omittedAfter, 0, leftOut(omitted));
  if (lines.length === 0) lines.push(';; (nothing happened that is worth a word)\n');
  return `;; EXPLANATION:\n${lines.join('')}\n`;
}

/** Stands where the steps would. */
function leftOut(count: number): string {
  return `;; (${count === 1 ? 'one step' : `${count} steps`} left out for want of room)\n`;
}

/** The same for programs: the steps with their facts, or `problem`. */
export function explanationJson(message: Message): object {
  const explanation = explanationOf(message);
  if (!explanation) return { problem: NONE_CAME };
  if (!explanation.ok) return { problem: `unusable: ${explanation.error}` };
  const { steps, ...gap } = explanation.value;
  return { ...gap, steps: steps.map(({ facts, ...step }) => ({ ...step, ...facts })) };
}

const NONE_CAME = 'none came: the server does not explain, or not to this address';

/** `\u001b` for what a terminal could act upon. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
