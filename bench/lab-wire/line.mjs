/**
 * The line between the two ends.
 *
 * @typedef {object} Line
 * @property {number} rttMs
 * @property {number} loss chance of a datagram, either way
 * @property {number} bitsPerSecond either way
 * @property {number} queueOctets what may wait for the rate: as much as the line holds
 * @property {number} messagesPerSecond for those who do not look for it themselves: nine tenths of
 *   what the line carries
 * @property {number} windowPackets for the same: several round trips, so that one repair does not
 *   stop all others
 * @property {number} timerMs for those who do not measure: a round trip, a full queue when there
 *   is much to carry, and a little
 * @property {string} seed
 */

export const MESSAGE_OCTETS = 1000;
const BITS_PER_SECOND = 10e6;
/** Headers and what the machine adds. */
const SLACK_MS = 10;

/** @returns {Line} */
export function lineOf(rttMs, loss, { isBusy }) {
  const holds = ((BITS_PER_SECOND / 8) * rttMs) / 1000;
  return {
    rttMs,
    loss,
    bitsPerSecond: BITS_PER_SECOND,
    queueOctets: Math.round(holds),
    messagesPerSecond: (0.9 * BITS_PER_SECOND) / 8 / MESSAGE_OCTETS,
    windowPackets: Math.ceil((8 * holds) / MESSAGE_OCTETS),
    timerMs: (isBusy ? 2 : 1) * rttMs + SLACK_MS,
    seed: '1',
  };
}
