/**
 * Loaded into a program under a soak test, with `--expose-gc`: when its parent asks, it collects all
 * garbage and says what is left. Only that tells a leak from a collector that takes its time.
 */
import process from 'node:process';

/**
 * `leak`: so many objects are to be kept for ever, as a program would that forgets to let go.
 *
 * @typedef {{ leak: number }} Wish
 * @typedef {{ liveOctets: number }} Finding
 */

/** @type {unknown[]} */
const kept = [];

process.on('message', (/** @type {Wish} */ { leak }) => {
  for (let i = 0; i < leak; i += 1) kept.push({ i });
  /** @type {{ gc(): void }} */ (/** @type {unknown} */ (globalThis)).gc();
  // Without what hangs on it: the table of finished answers grows by steps of its own, up to its
  // bound, and whoever leaks a buffer leaks its object as well.
  process.send?.({ liveOctets: process.memoryUsage().heapUsed });
});
// The program ends when it has nothing left to do, listened to or not.
process.channel?.unref();
