/** The control socket of `ts-dns serve`. */

import { acceptControl } from '../app/control/server.ts';
import type { ControlHandler } from '../app/control/session.ts';
import type { Logger } from '../net/logger.ts';
import { listenLocal } from '../net/real/local-socket.ts';
import { CommandError } from './failure.ts';

/** Returns the function that closes it. Rejects with `BindError`. */
export async function openControl(
  path: string,
  handle: ControlHandler,
  logger: Logger,
): Promise<() => Promise<void>> {
  if (process.platform === 'win32') {
    throw new CommandError('--control opens a Unix socket, which this system has not');
  }
  const control = acceptControl(handle);
  const onBug = (err: unknown, where: string): void =>
    logger.error({ err, where }, 'bug: a callback threw');
  const listener = await listenLocal(path, (connection) => control.onConnection(connection), onBug);
  logger.info({ path }, 'control socket open');
  return async () => {
    await listener.close();
    control.close();
  };
}
