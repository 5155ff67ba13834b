/** An event in a line of words. */

import { timeText } from './axis.ts';
import type { TraceEvent } from '../run/trace-event.ts';

const STRANGE = 'what nobody submitted';

export function timeOf({ atNs }: TraceEvent): string {
  return timeText(atNs);
}

export function wordsOf(event: TraceEvent, nodes: readonly string[]): string {
  const { kind, node, peer, text, detail, message, reason = 'loss', copy } = event;
  const [name, other] = [node, peer].map((id) => nodes[id] ?? `node ${id}`);
  const what = detail < 0 ? text : `${text} ${detail}`;
  const said = text === '' ? '' : ` (${what})`;
  const plain = `${name}: ${text === '' ? kind : `${kind} ${text}`}`;
  const words: Partial<Record<TraceEvent['kind'], string>> = {
    submit: `${name} is handed message ${message}${said}`,
    send: `${name} sends ${what} to ${other}`,
    lose: `${what} from ${name} to ${other} is lost (${reason})`,
    receive: `${name} receives ${what} from ${other}${copy > 0 ? ' once more' : ''}`,
    deliver: `${name} delivers ${message < 0 ? STRANGE : `message ${message}`}${said}`,
    timer: `${name}: timer ${what}`,
    note: `${name}: ${what}`,
    clock: `the clock of ${name}: ${detail === -1 ? text : `${text} by ${detail} ns`}`,
    fault: `fault: ${text}`,
  };
  return words[kind] ?? plain;
}
