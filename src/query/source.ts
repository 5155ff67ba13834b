/** Where a query came from, and all that may become of it there. */

import type { Endpoint } from '../net/ports.ts';
import type { KeepAlive } from './clients.ts';
import type { Transport } from './query.ts';
import type { ReplyStream } from './reply-stream.ts';

/** Where octets came from and where a late reply goes. */
export interface Source {
  readonly transport: Transport;
  readonly client: Endpoint;
  /** That of `client`, for less. */
  readonly clientPort: number;
  /** The client's address in network order; valid until `respond` returns. */
  readonly clientOctets: Uint8Array;
  readonly keepAlive?: KeepAlive | undefined;
  /** Where one query may have many replies. */
  readonly stream?: ReplyStream | undefined;
  /**
   * Sends a reply that was not ready at once; never called after `respond` wrote one. `reply` is
   * valid only until the function returns.
   */
  sendLater(reply: Uint8Array): void;
  /** Nothing will be sent: malformed beyond reply, or nobody waits any more, or too many do. */
  dropped(why?: 'shed'): void;
}

/** What `respond` returns of a message that gets no reply. */
export function drop(source: Source): number {
  source.dropped();
  return 0;
}
