/**
 * What a run measured, what theory says, and whether the two agree.
 *
 * Four kinds of prediction: `exact` (equal, to the last unit), `statistical` (within 3.29 standard
 * errors, which one run in a thousand leaves by chance), `bound` (never above, or below), and
 * `published` (somebody else's figure under other conditions: shown, never judged).
 */

/** The two-sided 99.9 % point of the normal distribution. */
const STANDARD_ERRORS = 3.29;
/** What rounding of a quotient may take from an exact value. */
const EPSILON = 1e-9;

/** How a value is printed; 'ns' as a duration. */
export type Unit = 'ns' | 'count' | 'ratio' | 'octets' | 'per second' | 'ppm';

export interface Measurement {
  readonly value: number;
  readonly unit: Unit;
  /** By batch means or regeneration, never as if samples were independent when they are not. */
  readonly standardError?: number;
}
export type Measurements = Readonly<Record<string, Measurement>>;

export interface Prediction {
  /** The name of the measurement. */
  readonly metric: string;
  readonly kind: 'exact' | 'statistical' | 'at most' | 'at least' | 'published';
  readonly value: number;
  /** In the symbols of the experiment's page: 'n + 1', 'ceil(RTT / timer)'. */
  readonly formula: string;
  /** Whose formula it is, when it is not plain counting. */
  readonly cite?: string;
}

export type Verdict = 'agrees' | 'disagrees' | 'unknown' | 'not judged' | 'not measured';

export interface Comparison {
  readonly metric: string;
  readonly measured: Measurement | undefined;
  /** Undefined for what was measured and not predicted. */
  readonly predicted: Prediction | undefined;
  readonly verdict: Verdict;
}

/** All measurements in their order, each beside its prediction; then predictions of nothing. */
export function compare(
  measurements: Measurements,
  predictions: readonly Prediction[],
): readonly Comparison[] {
  const predicted = new Map(predictions.map((prediction) => [prediction.metric, prediction]));
  const rows = Object.entries(measurements).map(([metric, measured]): Comparison => {
    const prediction = predicted.get(metric);
    return { metric, measured, predicted: prediction, verdict: judge(measured, prediction) };
  });
  const missing = predictions.filter(({ metric }) => measurements[metric] === undefined);
  return [
    ...rows,
    ...missing.map((prediction): Comparison => {
      const { metric } = prediction;
      return { metric, measured: undefined, predicted: prediction, verdict: 'not measured' };
    }),
  ];
}

function judge(measured: Measurement, prediction: Prediction | undefined): Verdict {
  if (prediction === undefined || prediction.kind === 'published') return 'not judged';
  // A run that was too short to know how far off it may be.
  const isVague = prediction.kind === 'statistical' && !isKnown(measured.standardError);
  if (isVague) return 'unknown';
  return isAgreement(measured, prediction) ? 'agrees' : 'disagrees';
}

function isKnown(standardError: number | undefined): standardError is number {
  return standardError !== undefined && Number.isFinite(standardError);
}

function isAgreement({ value, standardError }: Measurement, prediction: Prediction): boolean {
  const slack = EPSILON * Math.max(1, Math.abs(prediction.value));
  switch (prediction.kind) {
    case 'exact':
      return Math.abs(value - prediction.value) <= slack;
    case 'statistical':
      return (
        isKnown(standardError) &&
        Math.abs(value - prediction.value) <= STANDARD_ERRORS * standardError + slack
      );
    case 'at most':
      return value <= prediction.value + slack;
    case 'at least':
      return value >= prediction.value - slack;
    case 'published':
      return true;
  }
}
