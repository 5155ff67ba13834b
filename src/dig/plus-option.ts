/**
 * What a `+option` is, and how one is found. dig tells its options apart letter by letter, each as
 * soon as it is the only one left, so that every option has a shortest spelling: `least` letters.
 * Behind those letters case does not matter; `no` before a name negates it.
 */

import type { LookupDraft, Reading } from './reading.ts';

/** What an option makes of its value; 'invalid' when it must have another form. */
export type Apply = (reading: Reading, input: PlusInput) => 'invalid' | void;

export interface PlusInput {
  readonly isOn: boolean;
  /** What stands behind '='; never empty. */
  readonly value: string | undefined;
}

export interface PlusOption {
  readonly name: string;
  /** Letters of the shortest abbreviation. */
  readonly least: number;
  /** Other spellings. Those of one option are never both listed in the help. */
  readonly aliases?: readonly { readonly name: string; readonly least: number }[];
  /** What stands behind '=' in the help: '=###', '[=###]', or nothing. */
  readonly value?: string;
  /** Whether the help shows '[no]'. */
  readonly negatable: boolean;
  /** Of the whole run, wherever it stands. */
  readonly isGlobal?: boolean;
  /** Not in the help: dig has it for old times' sake. */
  readonly isHidden?: boolean;
  readonly help: string;
  readonly apply: Apply;
}

/** Applies `text`, which is given without the plus. */
export function applyPlusOption(
  reading: Reading,
  options: readonly PlusOption[],
  text: string,
): void {
  // As C's `strtok`: '=' before the name are skipped, and an empty value is none.
  const [, word = '', rest = ''] = /^=*([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
  if (word === '') return reading.print(`;; Invalid option ${text}\n`);
  const isOn = !/^no/i.test(word);
  const found = findPlusOption(options, isOn ? word : word.slice(2));
  const value = rest === '' ? undefined : rest;
  if (!found || found.apply(reading, { isOn, value }) === 'invalid') {
    reading.invalidOption(`+${word}`);
  }
}

function findPlusOption(options: readonly PlusOption[], word: string): PlusOption | undefined {
  const folded = word.toLowerCase();
  return options.find((candidate) =>
    [candidate, ...(candidate.aliases ?? [])].some(
      ({ name, least }) => word.startsWith(name.slice(0, least)) && name.startsWith(folded),
    ),
  );
}

type SwitchKey = {
  [Key in keyof LookupDraft]: LookupDraft[Key] extends boolean ? Key : never;
}[keyof LookupDraft];

/** What an option is but for its effect. */
export type About = Omit<PlusOption, 'apply' | 'negatable'> &
  Partial<Pick<PlusOption, 'negatable'>>;

/** An option that sets one setting. */
export function toggle(key: SwitchKey, about: About): PlusOption {
  return option(about, ({ lookup }, { isOn }) => {
    lookup[key] = isOn;
  });
}

/** An option that asks for EDNS too. */
export function ednsToggle(key: SwitchKey, about: About): PlusOption {
  return option(about, ({ lookup }, { isOn }) => {
    if (isOn) lookup.ednsVersion ??= 0;
    lookup[key] = isOn;
  });
}

export function option(about: About, apply: Apply): PlusOption {
  return { negatable: true, ...about, apply };
}
