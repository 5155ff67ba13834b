/** Tests of batched UDP skip, visibly, where it does not work. */

import { BatchedUdpError, loadBatchedUdp } from '../../../src/net/real/batch/support.ts';

/**
 * Why there is no batched UDP on this machine; undefined when there is. That it was tried and does
 * not work is no reason to skip its tests.
 */
export async function reasonAgainstBatches(): Promise<string | undefined> {
  return loadBatchedUdp().then(
    () => undefined,
    (error: unknown) => {
      const isLacking = error instanceof BatchedUdpError && error.message.includes('needs');
      if (isLacking) return error.message;
      throw error;
    },
  );
}
