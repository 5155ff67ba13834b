/**
 * `+watch`: the same question again and again, the TTL as it runs down, and what changes in the
 * answer. Ends when the user interrupts it, or when nobody reads any more.
 */

import type { Question } from '../wire/record.ts';
import { ask, isReply, type AskContext, type Reply } from './ask.ts';
import { answerLines, differenceOf } from './record-lines.ts';
import { report, type ReportContext } from './report.ts';
import type { Settings } from './settings.ts';
import type { Server } from './transports.ts';
import { TtlBars } from './ttl-bars.ts';

export type WatchContext = AskContext &
  ReportContext & { readonly interruption: AbortSignal | undefined };

/** Whether there was a reply in the end. */
export async function watch(
  context: WatchContext,
  question: Question,
  { servers, settings }: { readonly servers: readonly Server[]; readonly settings: Settings },
): Promise<boolean> {
  const bars = new TtlBars();
  let before: readonly string[] | undefined;
  for (;;) {
    const outcome = await ask(context, question, { servers, settings });
    if (isReply(outcome)) {
      show(context, outcome, { settings, before, bars });
      before = answerLines(outcome.message);
    }
    const isHeard = (await context.output.drained()) ?? true;
    const isOver = !isHeard || (await pause(context, (settings.watchSeconds ?? 1) * 1000));
    if (isOver) return isReply(outcome);
  }
}

interface Round {
  readonly settings: Settings;
  /** What the answer before said; undefined: there was none. */
  readonly before: readonly string[] | undefined;
  readonly bars: TtlBars;
}

/** The first reply whole, of those behind it what is new. */
function show(context: WatchContext, reply: Reply, { settings, before, bars }: Round): void {
  const { output, globals, clock, formatTime } = context;
  if (!before || globals.json) report(context, reply, settings);
  if (globals.json) return;
  if (settings.ttlBars) output.print(bars.print(reply.message));
  if (!before) return;
  const ttls = reply.message.answers.map(({ ttl }) => ttl);
  const ttlText = ttls.length === 0 ? 'no answer' : `TTL ${Math.min(...ttls)} s`;
  const difference = differenceOf(before, answerLines(reply.message));
  const state = difference ? 'changed:' : 'unchanged';
  output.print(`;; ${formatTime(clock.wall())} ${ttlText}, ${state}\n`);
  for (const line of difference?.removed ?? []) output.print(`- ${line}\n`);
  for (const line of difference?.added ?? []) output.print(`+ ${line}\n`);
}

/** Whether the user interrupted it. */
function pause({ clock, interruption }: WatchContext, delayMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (): void => {
      timer.cancel();
      interruption?.removeEventListener('abort', end);
      resolve(interruption?.aborted === true);
    };
    const timer = clock.schedule(delayMs, end);
    if (interruption?.aborted === true) end();
    else interruption?.addEventListener('abort', end, { once: true });
  });
}
