/** The control socket of a running system: several peers at once, each with its own session. */

import type { ByteStream } from '../../net/ports.ts';
import { controlLimits, serveControl, type ControlHandler } from './session.ts';

/** Takes connections; what it returns ends those that are open. */
export function acceptControl(handle: ControlHandler): {
  readonly onConnection: (connection: ByteStream) => void;
  readonly close: () => void;
} {
  const open = new Set<ByteStream>();
  return {
    onConnection(connection) {
      if (open.size >= controlLimits.connections) {
        const error = `no more than ${controlLimits.connections} connections at once`;
        connection.start({ onData() {}, onEnd() {}, onDrain() {}, onClose() {} });
        connection.write(new TextEncoder().encode(`${JSON.stringify({ ok: false, error })}\n`));
        connection.end();
        return;
      }
      open.add(connection);
      void serveControl(connection, handle).then(() => open.delete(connection));
    },
    close() {
      for (const connection of open) connection.end();
    },
  };
}
