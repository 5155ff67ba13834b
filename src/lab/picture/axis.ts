/** Ticks of a linear time axis, in the unit that people would use for such a span. */

export interface Tick {
  readonly atNs: number;
  readonly label: string;
}

const UNITS = [
  { name: 'ns', ns: 1 },
  { name: 'µs', ns: 1e3 },
  { name: 'ms', ns: 1e6 },
  { name: 's', ns: 1e9 },
  { name: 'min', ns: 60e9 },
  { name: 'h', ns: 3600e9 },
] as const;
/** Of seconds and less. */
const DECIMAL_STEPS = [1, 2, 5];
/** Of minutes and hours. */
const SEXAGESIMAL_STEPS = [1, 2, 5, 10, 15, 30, 60];

/** At most `count` ticks, and not many fewer, each a round number. Includes both ends if round. */
export function ticksOf(fromNs: number, toNs: number, count: number): readonly Tick[] {
  const spanNs = Math.max(toNs - fromNs, 1);
  const unit = UNITS.findLast(({ ns }) => spanNs / ns >= 2) ?? UNITS[0];
  const step = stepOf(spanNs / unit.ns / count, unit.ns >= 60e9) * unit.ns;
  const stepNs = Math.max(1, Math.round(step));
  const first = Math.ceil(fromNs / stepNs);
  const last = Math.floor(toNs / stepNs);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const atNs = (first + index) * stepNs;
    return { atNs, label: `${Number((atNs / unit.ns).toFixed(6))} ${unit.name}` };
  });
}

/** A time for reading, in milliseconds up to a minute: '35.43 ms'. Not exact. */
export function timeText(ns: number): string {
  if (ns < 1e4) return `${ns} ns`;
  if (ns < 60e9) return `${Number((ns / 1e6).toFixed(3))} ms`;
  return `${Number((ns / 1e9).toFixed(3))} s`;
}

/** The smallest round number that is not below `least`. */
function stepOf(least: number, isSexagesimal: boolean): number {
  if (isSexagesimal && least > 0.5) {
    const step = SEXAGESIMAL_STEPS.find((candidate) => candidate >= least);
    if (step !== undefined) return step;
  }
  const magnitude = 10 ** Math.floor(Math.log10(least));
  const step = DECIMAL_STEPS.find((candidate) => candidate * magnitude >= least * (1 - 1e-9));
  return (step ?? 10) * magnitude;
}
