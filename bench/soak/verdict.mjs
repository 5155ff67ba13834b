/** What a soak test saw, as numbers, a table and a list of what must not be. */
import { intervalOf, memoryOf } from './memory.mjs';
import { quantile } from './trend.mjs';

/** Right answers to all questions, after what a stub resolver does by itself. */
const RIGHT_SHARE = 0.999;
/** Sockets under way vary with the faults; what leaks does not come back. */
const DESCRIPTORS_RATIO = 2;
const KEPT_REASONS = 10;

/**
 * @typedef {import('./watch.mjs').Sample} Sample
 * @typedef {import('./watch.mjs').Watched} Watched
 * @typedef {import('./client.mjs').Tally} Tally
 * @typedef {'resolver' | 'authority'} Role
 * @typedef {{ seconds: number, waiting: number } & Record<Role, Sample>} Moment
 * @typedef {{
 *   minutes: number, rate: number, capacity: number, isLong: boolean, seed: number,
 *   samples: readonly Moment[], exits: Record<Role, unknown>,
 *   before: Record<Role, Sample>, after: Record<Role, Sample>,
 *   clients: Record<Role, Tally>, programs: Record<Role, Watched>,
 * }} Run
 */

/** @param {Run} run */
export function judge(run) {
  const roles = /** @type {const} */ (['resolver', 'authority']);
  const reports = roles.map((role) => report(run, role));
  const { minutes, rate, capacity, seed } = run;
  return {
    ...{ minutes, rate, capacity: Math.round(capacity), seed },
    reports: reports.map(({ figures }) => figures),
    problems: reports.flatMap(({ problems }) => problems),
  };
}

/** Made with the first question to a server, and kept: two epolls of the pool of sockets. */
const STANDING_DESCRIPTORS = 2;

/** @param {Run} run @param {Role} role */
function report(run, role) {
  const { clients, programs, before, after, exits } = run;
  const { latenciesMs, firstWrong, reasons, ...counts } = clients[role];
  const { errors, warnings, lines, unexpectedEnd } = programs[role];
  const memory = memoryOf(run, role);
  const descriptors = descriptorsOf(run, role);
  const rightShare = counts.right / counts.asked;
  const figures = {
    ...{ role, ...counts, rightShare, errors, warnings, memory, descriptors },
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
  };
  const problems = [
    ...(rightShare < RIGHT_SHARE ? [`${counts.right} of ${counts.asked} answers are right`] : []),
    ...[...reasons].map(([reason, count]) => `${count} SERVFAIL: ${reason}`).slice(0, KEPT_REASONS),
    ...(firstWrong === undefined ? [] : [`a wrong answer: ${firstWrong}`]),
    ...(errors > 0 ? [`${errors} error lines:\n${lines.join('\n')}`] : []),
    ...(unexpectedEnd === undefined ? [] : [unexpectedEnd]),
    ...(exits[role] === 0 ? [] : [`exit code ${String(exits[role])}`]),
    ...memory.problems,
    ...descriptors.problems,
    ...(after[role].descriptors > before[role].descriptors + STANDING_DESCRIPTORS
      ? [
          `${after[role].descriptors} descriptors when all is quiet, ${before[role].descriptors} before`,
        ]
      : []),
  ];
  return { figures, problems: problems.map((problem) => `${role}: ${problem}`) };
}

/** @param {Run} run @param {Role} role */
function descriptorsOf({ samples, before, after }, role) {
  const counts = samples.map((moment) => moment[role].descriptors);
  const half = Math.floor(counts.length / 2);
  const first = quantile(counts.slice(0, half), 0.9);
  const second = quantile(counts.slice(half), 0.9);
  const problems =
    second > first * DESCRIPTORS_RATIO ? [`descriptors rise from ${first} to ${second}`] : [];
  const most = Math.max(...counts);
  return { before: before[role].descriptors, after: after[role].descriptors, most, problems };
}

/** @param {ReturnType<typeof judge>} verdict */
export function table({ minutes, rate, capacity, reports }) {
  const rows = reports.map(({ role, memory, descriptors, ...figures }) => [
    role,
    String(figures.asked),
    `${(figures.rightShare * 100).toFixed(3)} %`,
    `${figures.failed}, ${figures.unanswered}, ${figures.wrong}`,
    String(figures.repeated),
    `${figures.p50Ms.toFixed(1)}, ${figures.p99Ms.toFixed(0)} ms`,
    `${memory.live.median.toFixed(1)} MB`,
    `${memory.live.perHour.toFixed(1)} (${intervalOf(memory.live)}) MB/h`,
    `${memory.resident.toFixed(0)}, ${memory.mostResident.toFixed(0)} MB`,
    `${descriptors.before}, ${descriptors.most}, ${descriptors.after}`,
    `${figures.errors}, ${figures.warnings}`,
  ]);
  const header = [
    ...['program', 'questions', 'right', 'SERVFAIL, none, wrong', 'repeated', 'median, p99'],
    ...['live', 'its slope (95 %)', 'RSS median, most', 'fds before, most, after'],
    'errors, warnings',
  ];
  const all = [header, header.map(() => '---'), ...rows];
  const rates = `${minutes} minutes at ${rate} questions a second (it can bear ${capacity}):`;
  return `${rates}\n\n${all.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`;
}
