/** Several independent runs as one result. */

import { finish, hashText, mix } from '../../sim/hash.ts';
import type { Measurement } from '../experiment/prediction.ts';

/** The sum of independent measurements of one unit. */
export function sumOf(all: readonly Measurement[]): Measurement {
  const value = all.reduce((sum, one) => sum + one.value, 0);
  const variance = all.reduce((sum, { standardError = 0 }) => sum + standardError ** 2, 0);
  return { value, unit: all[0]?.unit ?? 'count', standardError: Math.sqrt(variance) };
}

export function meanOf(all: readonly Measurement[]): Measurement {
  const { value, unit, standardError = 0 } = sumOf(all);
  const count = Math.max(1, all.length);
  return { value: value / count, unit, standardError: standardError / count };
}

/** Equal when every run's was. */
export function combinedHash(hashes: readonly string[]): string {
  const lanes = [1, 2].map((lane) =>
    finish(hashes.reduce((hash, text) => mix(hash, hashText(lane, text)), lane)),
  );
  return lanes.map((lane) => lane.toString(16).padStart(8, '0')).join('');
}
