/** A zone file of a scenario: an ordinary master file, but for `${variables}`. */

import { readFileSync } from 'node:fs';
import { DnsName } from '../../../wire/name.ts';
import { octetsOf, parseName } from '../../../wire/name-text.ts';
import { failure, success, type Result } from '../../../wire/result.ts';
import type { ZoneProblem } from '../../../zone/problem.ts';
import { loadZone, type Zone } from '../../../zone/zone.ts';
import { failureReason } from '../../failure.ts';
import { substituteText, type Variables } from './variables.ts';

interface ZoneTextError {
  readonly message: string;
  /** What is wrong in the file, where it is a file that can be read. */
  readonly problems: readonly ZoneProblem[];
}

/** What is wrong names the file and the line. */
export function readZoneText(
  file: string,
  { origin, variables }: { readonly origin: string; readonly variables: Variables },
): Result<Zone, ZoneTextError> {
  const absolute = origin.endsWith('.') ? origin : `${origin}.`;
  const name = origin === '.' ? undefined : parseName(octetsOf(absolute));
  if (name && !name.ok) return unreadable(`'${origin}' is no domain name: ${name.error}`);
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
    text = substituteText(text, variables);
  } catch (error) {
    return unreadable(
      `${file}: ${error instanceof RangeError ? error.message : failureReason(error)}`,
    );
  }
  const octets = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const loaded = loadZone(octets, { file, origin: name ? name.value : DnsName.root });
  if (loaded.ok) return success(loaded.value);
  return failure({ message: 'this zone does not load', problems: loaded.error });
}

function unreadable(message: string): Result<Zone, ZoneTextError> {
  return failure({ message, problems: [] });
}
