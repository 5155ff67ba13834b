/**
 * What is left when reads may be old: at one server (in one of its lives) they never go back, and
 * they see nothing that was not decided.
 */

import type { Checker } from '../experiment/experiment.ts';
import { Versions } from '../history/versions.ts';
import { makeChecker } from './checker.ts';
import { Lives } from './order-lives.ts';

export function readsGoOn(): Checker {
  const versions = new Versions();
  const lives = new Lives();
  /** By life and key. */
  const last = new Map<string, { readonly number: number; readonly event: number }>();
  return makeChecker('reads go on', {
    observe: (event, report) => {
      versions.observe(event);
      lives.observe(event);
      if (event.kind !== 'deliver' || event.text !== 'value') return;
      const call = versions.find(event.message)?.call;
      if (call === undefined) return;
      const { detail: value, node, id } = event;
      const number = versions.numberOf(call.key, value);
      const name = lives.nameOf(node);
      if (number === undefined) {
        report(`${name} reads ${call.key} = ${value}, which was not decided`, id);
        return;
      }
      const key = `${name} ${call.key}`;
      const before = last.get(key);
      if (before && number < before.number) {
        report(`${name} reads ${call.key} = ${value} after a later value`, before.event, id);
      }
      last.set(key, { number, event: id });
    },
  });
}
