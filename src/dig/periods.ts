/** Periods of time in weeks, days, hours, minutes and seconds. */

const UNITS = [
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** '1 hour 1 minute 1 second'. */
export function periodWords(seconds: number): string {
  const parts = partsOf(seconds).map(([count, unit]) => {
    return `${count} ${unit}${count === 1 ? '' : 's'}`;
  });
  return parts.join(' ') || '0 seconds';
}

/** '1h1m1s'. */
export function periodLetters(seconds: number): string {
  return (
    partsOf(seconds)
      .map(([count, unit]) => `${count}${unit[0]}`)
      .join('') || '0s'
  );
}

function partsOf(seconds: number): readonly (readonly [count: number, unit: string])[] {
  let left = seconds;
  return UNITS.flatMap(([unit, length]) => {
    const count = Math.floor(left / length);
    left %= length;
    return count === 0 ? [] : [[count, unit] as const];
  });
}
