/** Keys of a configuration: their secrets stand there or in files of their own. */

import { readFile } from 'node:fs/promises';
import { keyOf, type KeyProblem, type TsigKey } from '../tsig/key.ts';
import { parseKeyFile } from '../tsig/key-file.ts';
import type { Result } from '../wire/result.ts';
import type { ConfigKey } from './config/config.ts';
import { CommandError, fileFailure } from './failure.ts';

/** Throws `CommandError`, which never tells a secret. */
export function signingKeys(keys: readonly ConfigKey[] = []): Promise<readonly TsigKey[]> {
  return Promise.all(keys.map(signingKey));
}

async function signingKey({ name, algorithm, secret = '', file }: ConfigKey): Promise<TsigKey> {
  const [place, read] =
    file === undefined
      ? [`key ${name!.toString()}`, keyOf({ name: name!.toString(), algorithm, secret })]
      : [file, await keyInFile(file)];
  if (!read) throw new CommandError(`${place}: there is no key in this file`);
  if (!read.ok) throw new CommandError(`${place}: ${read.error.problem}`);
  if (name && !read.value.name.equals(name)) {
    const found = read.value.name.toString();
    throw new CommandError(`${place}: expected the key ${name.toString()}, found ${found}`);
  }
  return read.value;
}

async function keyInFile(file: string): Promise<Result<TsigKey, KeyProblem> | undefined> {
  try {
    return parseKeyFile(await readFile(file, 'latin1'));
  } catch (error) {
    throw fileFailure(file, error);
  }
}
