/**
 * Logarithm and exponential with the same bits everywhere. ECMAScript leaves `Math.log` and
 * `Math.exp` to the engine, so a run that draws delays with them could differ between a browser and
 * Node; these use only what IEEE 754 fixes to the bit: sums, products, quotients.
 *
 * After the algorithms of fdlibm (K. C. Ng, Sun Microsystems 1993): `e_log.c` and `e_exp.c`, less
 * than one unit in the last place wrong.
 */

const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;
/** Literals, because `**` is the engine's business too. */
const TWO_54 = 1.8014398509481984e16;
const TWO_1023 = 8.98846567431157953865e307;
const TWO_MINUS_28 = 3.725290298461914e-9;
const TWO_MINUS_1000 = 9.3326361850321887899e-302;
/** The upper half of √2, as the bound between one exponent and the next. */
const HIGH_WORD_STEP = 0x95f64;
const MAX_EXP_ARGUMENT = 7.09782712893383973096e2;
const MIN_EXP_ARGUMENT = -7.4513321910194110842e2;

const double = new Float64Array(1);
const octets = new DataView(double.buffer);

/** Coefficients of the polynomial in s² that approximates log(1 + f). */
const LG1 = 6.66666666666673513e-1;
const LG2 = 3.999999999940941908e-1;
const LG3 = 2.857142874366239149e-1;
const LG4 = 2.222219843214978396e-1;
const LG5 = 1.818357216161805012e-1;
const LG6 = 1.531383769920937332e-1;
const LG7 = 1.479819860511658591e-1;

/** The natural logarithm. −Infinity of 0, NaN of what is negative. */
export function log(x: number): number {
  if (x === 0) return -Infinity;
  if (!(x > 0) || x === Infinity) return x === Infinity ? x : NaN;
  let scaled = x;
  let exponent = 0;
  let high = highWord(scaled);
  if (high < 0x00100000) {
    scaled *= TWO_54;
    exponent -= 54;
    high = highWord(scaled);
  }
  exponent += (high >> 20) - 1023;
  high &= 0x000fffff;
  // x = 2^exponent · (1 + f), with 1 + f between √2/2 and √2.
  const step = (high + HIGH_WORD_STEP) & 0x100000;
  const f = withHighWord(scaled, high | (step ^ 0x3ff00000)) - 1;
  exponent += step >> 20;
  if ((0x000fffff & (2 + high)) < 3) return logNearOne(f, exponent);
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (LG2 + w * (LG4 + w * LG6));
  const odd = z * (LG1 + w * (LG3 + w * (LG5 + w * LG7)));
  const rest = even + odd;
  if (((high - 0x6147a) | (0x6b851 - high)) > 0) {
    const half = 0.5 * f * f;
    return exponent === 0
      ? f - (half - s * (half + rest))
      : exponent * LN2_HIGH - (half - (s * (half + rest) + exponent * LN2_LOW) - f);
  }
  return exponent === 0
    ? f - s * (f - rest)
    : exponent * LN2_HIGH - (s * (f - rest) - exponent * LN2_LOW - f);
}

/** |f| < 2^−20. */
function logNearOne(f: number, exponent: number): number {
  if (f === 0) return exponent * LN2_HIGH + exponent * LN2_LOW;
  const rest = f * f * (0.5 - (1 / 3) * f);
  return exponent === 0 ? f - rest : exponent * LN2_HIGH - (rest - exponent * LN2_LOW - f);
}

/** Coefficients of Remez' polynomial for x·(e^x + 1)/(e^x − 1). */
const P1 = 1.66666666666666019037e-1;
const P2 = -2.77777777770155933842e-3;
const P3 = 6.61375632143793436117e-5;
const P4 = -1.6533902205465251539e-6;
const P5 = 4.13813679705723846039e-8;

/** e to the power `x`. */
export function exp(x: number): number {
  if (Number.isNaN(x) || x > MAX_EXP_ARGUMENT) return x + Infinity;
  if (x < MIN_EXP_ARGUMENT) return 0;
  const size = Math.abs(x);
  if (size < TWO_MINUS_28) return 1 + x;
  const twos = size > 0.34657359027997264 ? nearestMultiple(x, size) : 0;
  const high = x - twos * LN2_HIGH;
  const low = twos * LN2_LOW;
  const reduced = twos === 0 ? x : high - low;
  const t = reduced * reduced;
  const c = reduced - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))));
  if (twos === 0) return 1 - ((reduced * c) / (c - 2) - reduced);
  const y = 1 - (low - (reduced * c) / (2 - c) - high);
  return timesPowerOfTwo(y, twos);
}

/** Which multiple of ln 2 leaves at most half of it. */
function nearestMultiple(x: number, size: number): number {
  if (size < 1.0397207708399179) return x < 0 ? -1 : 1;
  return Math.trunc(Math.LOG2E * x + (x < 0 ? -0.5 : 0.5));
}

function timesPowerOfTwo(y: number, exponent: number): number {
  if (exponent === 1024) return y * 2 * TWO_1023;
  if (exponent >= -1021) return withHighWord(y, highWord(y) + (exponent << 20));
  return withHighWord(y, highWord(y) + ((exponent + 1000) << 20)) * TWO_MINUS_1000;
}

function highWord(x: number): number {
  double[0] = x;
  return octets.getInt32(HIGH_OFFSET, IS_LITTLE_ENDIAN);
}

function withHighWord(x: number, high: number): number {
  double[0] = x;
  octets.setInt32(HIGH_OFFSET, high, IS_LITTLE_ENDIAN);
  return double[0];
}

/** Which half of a double the sign is in depends on the machine. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
const HIGH_OFFSET = IS_LITTLE_ENDIAN ? 4 : 0;

/** Coefficients of sin x / x − 1 and of cos x − 1 + x²/2 on [0, π/4]: fdlibm's k_sin.c, k_cos.c. */
const S1 = -1.66666666666666324348e-1;
const S2 = 8.33333333332248946124e-3;
const S3 = -1.98412698298579493134e-4;
const S4 = 2.75573137070700676789e-6;
const S5 = -2.50507602534068634195e-8;
const S6 = 1.58969099521155010221e-10;
const C1 = 4.16666666666666019037e-2;
const C2 = -1.38888888888741095749e-3;
const C3 = 2.48015872894767294178e-5;
const C4 = -2.75573143513906633035e-7;
const C5 = 2.0875723212981748279e-9;
const C6 = -1.13596475577881948265e-11;

/** sin 2πx: the argument in turns, so that reducing it to one of them is exact. */
export function sineOfTurns(x: number): number {
  const quarters = (x - Math.floor(x)) * 4;
  const quarter = Math.floor(quarters);
  const inQuarter = quarters - quarter;
  // Up in the first and third quarter, down in the others.
  const rise = quarter % 2 === 0 ? inQuarter : 1 - inQuarter;
  const size = rise <= 0.5 ? kernelSine(rise) : kernelCosine(1 - rise);
  return quarter < 2 ? size : -size;
}

/** Of `quarter` · π/2, at most π/4. */
function kernelSine(quarter: number): number {
  const x = (quarter * Math.PI) / 2;
  const z = x * x;
  return x + x * z * (S1 + z * (S2 + z * (S3 + z * (S4 + z * (S5 + z * S6)))));
}

function kernelCosine(quarter: number): number {
  const x = (quarter * Math.PI) / 2;
  const z = x * x;
  return 1 - (z / 2 - z * z * (C1 + z * (C2 + z * (C3 + z * (C4 + z * (C5 + z * C6))))));
}
