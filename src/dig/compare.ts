/**
 * `+compare`: one question to all servers at the same time, and their answers side by side: a
 * column for each server, and a mark before what not all of them say.
 *
 *     ;; COMPARING www.example. A
 *     ;; 1 = 192.0.2.1#53(192.0.2.1): NOERROR, 12 ms
 *     ;; 2 = 192.0.2.2#53(192.0.2.2): NOERROR, 15 ms
 *        1 2
 *        x x status NOERROR
 *     !  x - www.example. A 192.0.2.10
 *     ;; DIFFERENT: 1 line
 */

import { rcodeText, typeText } from '../wire/iana.ts';
import type { Question } from '../wire/record.ts';
import { ask, isReply, type AskContext, type Reply } from './ask.ts';
import { placeOf } from './failures.ts';
import { failureJson, printJson, replyJson } from './json.ts';
import { answerLines } from './record-lines.ts';
import type { ReportContext } from './report.ts';
import type { Settings } from './settings.ts';
import type { Server } from './transports.ts';

export interface Compared {
  readonly server: Server;
  /** Undefined: none came. */
  readonly reply: Reply | undefined;
}

/** Asks each server alone, as often as the settings say. */
export function askAll(
  context: AskContext,
  question: Question,
  { servers, settings }: { readonly servers: readonly Server[]; readonly settings: Settings },
): Promise<readonly Compared[]> {
  return Promise.all(
    servers.map(async (server) => {
      const outcome = await ask(context, question, { servers: [server], settings });
      return { server, reply: isReply(outcome) ? outcome : undefined };
    }),
  );
}

export interface ComparedLine {
  readonly line: string;
  /** For each server. */
  readonly saidBy: readonly boolean[];
  readonly isSame: boolean;
}

/** Every line of any answer; silent servers say nothing, so that all lines differ then. */
export function compareAnswers(compared: readonly Compared[]): readonly ComparedLine[] {
  const answers = compared.map(({ reply }) => new Set(reply && answerLines(reply.message)));
  const lines = new Set(answers.flatMap((answer) => [...answer]));
  return [...lines].map((line) => {
    const saidBy = answers.map((answer) => answer.has(line));
    return { line, saidBy, isSame: saidBy.every(Boolean) };
  });
}

export function reportComparison(
  { output, globals, toPacket }: ReportContext,
  question: Question,
  { compared, settings }: { readonly compared: readonly Compared[]; readonly settings: Settings },
): void {
  if (toPacket) {
    const servers = compared.map(({ server, reply }) =>
      reply
        ? replyJson(reply, settings, { toPacket })
        : failureJson(question, [server], { message: 'no reply', attempts: [] }),
    );
    output.print(printJson({ servers, comparison: compareAnswers(compared) }));
    return;
  }
  output.releaseBanner(globals.showsCommand && !globals.short);
  const lines = compareAnswers(compared);
  const different = lines.filter(({ isSame }) => !isSame).length;
  const verdict =
    different === 0 ? 'SAME' : `DIFFERENT: ${different} line${different > 1 ? 's' : ''}`;
  output.print(
    [
      `;; COMPARING ${question.name.toString()} ${typeText(question.type)}\n`,
      ...compared.map((one, index) => `;; ${index + 1} = ${serverText(one)}\n`),
      `   ${compared.map((_, index) => columnOf(String(index + 1), index)).join(' ')}\n`,
      ...lines.map(comparedText),
      `;; ${verdict}\n\n`,
    ].join(''),
  );
}

function serverText({ server, reply }: Compared): string {
  const place = `${placeOf(server)}(${server.label})`;
  if (!reply) return `${place}: no reply`;
  return `${place}: ${rcodeText(reply.message.rcode)}, ${Math.floor(reply.rttMs)} ms`;
}

function comparedText({ line, saidBy, isSame }: ComparedLine): string {
  const marks = saidBy.map((isSaid, index) => columnOf(isSaid ? 'x' : '-', index));
  return `${isSame ? ' ' : '!'}  ${marks.join(' ')} ${line}\n`;
}

/** As wide as the number of its server. */
function columnOf(text: string, index: number): string {
  return text.padStart(String(index + 1).length);
}
