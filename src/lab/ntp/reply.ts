/**
 * What a client may believe of a packet that has come (RFC 5905 §8, §9.2 and the tests of its
 * appendix A.5). A forger who does not see the requests does not know their transmit timestamps,
 * which are random here (as the data minimisation drafts want), so he fails the test of the origin.
 */

import { ntp } from './constants.ts';
import { sourceOf, modes, type NtpPacket, readPacket, UNSYNCHRONISED_STRATUM } from './packet.ts';
import { type NtpTimestamp, shortNs } from './timestamp.ts';

/** Why a packet says nothing about the time. */
export type Refusal =
  | 'short' // fewer than 48 octets
  | 'no answer' // of a client, a broadcast, or of a version that we do not speak
  | 'forged origin' // it does not repeat what we sent, or a second time
  | 'no times' // receive or transmit is 0
  | 'unsynchronised'
  | 'too distant' // root distance above a second
  | 'kiss'; // a kiss of death that says something else

/** What the server wants of us (RFC 5905 §7.4). */
export type Kiss = 'RATE' | 'DENY' | 'RSTR';

export type Judged =
  | { readonly kind: 'answer'; readonly packet: NtpPacket }
  | { readonly kind: 'kiss'; readonly code: Kiss }
  | { readonly kind: 'refused'; readonly because: Refusal };

/** `sent` is the transmit timestamp of the request that waits; undefined when none does. */
export function judgeReply(bytes: Uint8Array, sent: NtpTimestamp | undefined): Judged {
  const packet = readPacket(bytes);
  if (packet === undefined) return refused('short');
  const { mode, version, stratum, origin, receive, transmit, leap } = packet;
  const isAnswer = mode === modes.server && version >= 1 && version <= ntp.version;
  if (!isAnswer) return refused('no answer');
  // Before anything else is believed of it: a forged kiss would silence us.
  if (sent === undefined || origin !== sent) return refused('forged origin');
  if (stratum === 0 && kissOf(packet) !== undefined) {
    return { kind: 'kiss', code: kissOf(packet) as Kiss };
  }
  if (leap === 3 || stratum >= UNSYNCHRONISED_STRATUM) return refused('unsynchronised');
  if (stratum === 0) return refused('kiss');
  if (receive === 0n || transmit === 0n) return refused('no times');
  const { rootDelay, rootDispersion } = packet;
  const distanceNs = shortNs(rootDelay) / 2 + shortNs(rootDispersion);
  if (distanceNs >= ntp.maxDistanceNs) return refused('too distant');
  return { kind: 'answer', packet };
}

function kissOf({ referenceId }: NtpPacket): Kiss | undefined {
  const letters = sourceOf(referenceId);
  return letters === 'RATE' || letters === 'DENY' || letters === 'RSTR' ? letters : undefined;
}

function refused(because: Refusal): Judged {
  return { kind: 'refused', because };
}
