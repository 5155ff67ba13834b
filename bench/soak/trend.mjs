/**
 * Whether a series of samples grows. The samples are cut into blocks, since neighbours resemble each
 * other, and a line is laid through the medians of the blocks, which one collection of garbage or one
 * busy second does not move. What counts is the interval in which the slope lies with 95 %
 * confidence: a leak is a slope that is surely above zero, not one that happens to be.
 */

const BLOCKS = 12;
/** Student's t, two-sided 95 %, for the ten degrees of freedom that a line leaves of twelve. */
const T_95 = 2.228;

/**
 * @typedef {{ seconds: number, value: number }} Point
 * @typedef {{ perHour: number, leastPerHour: number, mostPerHour: number, median: number }} Trend
 */

/** @param {readonly Point[]} points in the order of time, at least one for each block @returns {Trend} */
export function trendOf(points) {
  if (points.length < BLOCKS) throw new RangeError(`${points.length} samples are too few`);
  const blocks = Array.from({ length: BLOCKS }, (_, b) => {
    const from = Math.floor((b * points.length) / BLOCKS);
    const block = points.slice(from, Math.floor(((b + 1) * points.length) / BLOCKS));
    const hours = median(block.map(({ seconds }) => seconds)) / 3600;
    return { hours, value: median(block.map(({ value }) => value)) };
  });
  const meanHours = mean(blocks.map(({ hours }) => hours));
  const meanValue = mean(blocks.map(({ value }) => value));
  const spread = sum(blocks.map(({ hours }) => (hours - meanHours) ** 2));
  const slope =
    sum(blocks.map(({ hours, value }) => (hours - meanHours) * (value - meanValue))) / spread;
  const residuals = blocks.map(
    ({ hours, value }) => value - meanValue - slope * (hours - meanHours),
  );
  const variance = sum(residuals.map((one) => one ** 2)) / (BLOCKS - 2);
  const margin = T_95 * Math.sqrt(variance / spread);
  return {
    perHour: slope,
    leastPerHour: slope - margin,
    mostPerHour: slope + margin,
    median: median(points.map(({ value }) => value)),
  };
}

/** @param {readonly number[]} values */
function median(values) {
  return quantile(values, 0.5);
}

/** @param {readonly number[]} values @param {number} share */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** @param {readonly number[]} values */
function mean(values) {
  return sum(values) / values.length;
}

/** @param {readonly number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
