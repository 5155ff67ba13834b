/** The files and folders that a configuration names, as the disk has them now. */

import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { failureReason } from '../failure.ts';
import { refusalOf } from '../file-reader.ts';
import type { Config } from './config.ts';
import type { Finding } from './consistency.ts';

/** What of them cannot be used. The paths of `config` are those to look at. */
export function missingFiles(config: Config): readonly Finding[] {
  const { zones = [], zoneFolders = [], resolver, control, cacheFile, keys = [] } = config;
  const { secondaries = [], queryLog } = config;
  const hints = resolver?.rootHints;
  return [
    ...zones.flatMap(({ file }, i) => unreadable(file, ['zones', i, 'file'])),
    ...zoneFolders.flatMap((folder, i) => noFolder(folder, ['zone-folders', i])),
    ...secondaries.flatMap(({ file }, i) => noFolder(dirname(file), ['secondaries', i, 'file'])),
    ...keys.flatMap(({ file }, i) => {
      return file === undefined ? [] : unreadable(file, ['keys', i, 'file']);
    }),
    ...(hints === undefined ? [] : unreadable(hints, ['resolver', 'root-hints'])),
    ...(control === undefined ? [] : noFolder(dirname(control), ['control'])),
    ...(cacheFile === undefined ? [] : noFolder(dirname(cacheFile), ['cache-file'])),
    ...(queryLog === undefined ? [] : noFolder(dirname(queryLog), ['query-log'])),
  ];
}

function unreadable(file: string, path: Finding['path']): readonly Finding[] {
  try {
    const refusal = refusalOf(statSync(file));
    if (refusal !== undefined) return [{ path, message: unread(file, refusal), code: CODE }];
    accessSync(file, constants.R_OK);
    return [];
  } catch (error) {
    return [{ path, message: unread(file, failureReason(error)), code: CODE }];
  }
}

const CODE = 'unreadable-file';

function unread(file: string, reason: string): string {
  return `cannot read ${file}: ${reason}`;
}

function noFolder(folder: string, path: Finding['path']): readonly Finding[] {
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? [] : [{ path, message: `there is no folder ${folder}`, code: 'no-folder' }];
}
