/** A lookup's options, all read, as settings. */

import { RRType } from '../wire/iana.ts';
import type { LookupDraft } from './reading.ts';
import type { Settings, Transport } from './settings.ts';

export function settle(draft: LookupDraft): Settings {
  // Recursion is meaningless for a walk from server to server.
  // So it is for a transfer, which comes from a zone's own server.
  const isTransfer = draft.type === RRType.AXFR || draft.type === RRType.IXFR;
  const rd = draft.rd && !draft.trace && !isTransfer;
  // With `way` among them: leaving it out takes longer than all else that is done for a line.
  return { ...draft, rd, transport: transportOf(draft) };
}

function transportOf({ way, tls, type, explains }: LookupDraft): Transport {
  const { usesTcp, isTcpNamed, usesTls, usesHttps, isHttpPlain } = way;
  // Explanations are longer than datagrams; transfers never come in any.
  const needsTcp = type === RRType.AXFR || (explains && !isTcpNamed);
  if (!usesTcp && !needsTcp) return 'udp';
  if (usesTls || (tls.isStrict && !usesHttps)) return 'tls';
  if (usesHttps) return isHttpPlain ? 'http' : 'https';
  return 'tcp';
}
