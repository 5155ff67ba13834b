/** Durations as people write them, '5ms', '2s', '1h', and as the laboratory counts: nanoseconds. */

const UNITS = {
  ns: 1,
  us: 1_000,
  ms: 1_000_000,
  s: 1_000_000_000,
  m: 60_000_000_000,
  h: 3_600_000_000_000,
  d: 86_400_000_000_000,
} as const;
type Unit = keyof typeof UNITS;
export type Duration = `${number}${Unit}`;

const DURATION = /^(\d{1,15}(?:\.\d{1,9})?)(ns|us|ms|s|m|h|d)$/;

export function isDuration(text: string): text is Duration {
  return DURATION.test(text);
}

/** Integer nanoseconds. Throws `RangeError` when the text is no duration, or one too long. */
export function parseDuration(text: Duration): number {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  const value = Math.round(Number(amount) * UNITS[unit as Unit]);
  if (!Number.isSafeInteger(value)) throw new RangeError(`'${text}' is no duration`);
  return value;
}

/** Of minutes and more; seconds and less may have as many as say it to the nanosecond of a ms. */
const DECIMALS = { long: 3, short: 6 };

/** Exactly, in the largest unit that needs few decimals: 1500000 is '1.5ms', not '1500us'. */
export function formatDuration(ns: number): Duration {
  const units = Object.keys(UNITS) as Unit[];
  const fitting = units.toReversed().find((unit) => {
    return (
      Math.abs(ns) >= UNITS[unit] && Math.round(UNITS[unit] * Number(shortText(ns, unit))) === ns
    );
  });
  const unit = fitting ?? 'ns';
  return `${Number(shortText(ns, unit))}${unit}`;
}

function shortText(ns: number, unit: Unit): string {
  return (ns / UNITS[unit]).toFixed(UNITS[unit] > UNITS.s ? DECIMALS.long : DECIMALS.short);
}
