/** Whether a program leaks, judged by what is alive after each collection of all garbage. */
import { quantile, trendOf } from './trend.mjs';

/** @typedef {import('./trend.mjs').Trend} Trend */

/** Growth of live memory that is certain (95 %), over the last two thirds of a long run, in MB/h. */
const GROWTH_MB_PER_HOUR = 1;
/** The best estimate of it for each question: the smallest object that could leak takes more. */
const OCTETS_PER_QUESTION = 8;
/** The same in a short run, in which code is still compiled: a leaked record or message. */
const SETTLING_OCTETS_PER_QUESTION = 200;
/** Resident, at any time: the resolver with its small caches, the authority with its zones. */
const RESIDENT_MB = 256;
const MIB = 2 ** 20;

/** @typedef {import('./verdict.mjs').Run} Run */
/** @typedef {import('./verdict.mjs').Role} Role */

/** @param {Pick<Run, 'samples' | 'isLong' | 'rate'>} run @param {Role} role */
export function memoryOf({ samples, isLong, rate }, role) {
  const late = samples.slice(Math.floor(samples.length / 3));
  const points = late.map((moment) => ({ seconds: moment.seconds, value: moment[role].liveMb }));
  const live = trendOf(points);
  const octetsPerQuestion = (live.perHour * MIB) / (rate * 3600);
  const resident = samples.map((moment) => moment[role].rssMb);
  const mostResident = Math.max(...resident);
  const limit = isLong ? OCTETS_PER_QUESTION : SETTLING_OCTETS_PER_QUESTION;
  const isGrowing = isLong && live.leastPerHour > GROWTH_MB_PER_HOUR;
  const problems = [
    ...(isGrowing || octetsPerQuestion > limit
      ? [
          `live memory grows by ${intervalOf(live)} MB/h, ${octetsPerQuestion.toFixed(1)} octets a question`,
        ]
      : []),
    ...(mostResident > RESIDENT_MB
      ? [`${mostResident.toFixed(0)} MB resident, of ${RESIDENT_MB} at most`]
      : []),
  ];
  return { live, octetsPerQuestion, resident: quantile(resident, 0.5), mostResident, problems };
}

/** @param {Trend} trend */
export function intervalOf({ leastPerHour, mostPerHour }) {
  return `${leastPerHour.toFixed(1)} to ${mostPerHour.toFixed(1)}`;
}
