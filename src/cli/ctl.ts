/** `ts-dns ctl`: one request to a running server over its control socket, and the reply. */

import { resolve as absolutePath } from 'node:path';
import { LineDecoder } from '../app/control/line-decoder.ts';
import type { ByteStream } from '../net/ports.ts';
import { connectLocal } from '../net/real/local-socket.ts';
import type { CtlOptions, CtlRequest } from './ctl-options.ts';
import { printReply } from './ctl-print.ts';
import { CommandError } from './failure.ts';
import { allowClosedPipe } from './output.ts';

/** Lines of a reply are short, those of a dump as long as the data of a record. */
const LINE_OCTETS = 2 ** 24;

export async function ctl(options: CtlOptions, request: CtlRequest): Promise<number> {
  allowClosedPipe();
  const { file } = request;
  const sent = typeof file === 'string' ? { ...request, file: absolutePath(file) } : request;
  const connection = await connectLocal(options.control, (error) => {
    throw error;
  });
  connection.write(new TextEncoder().encode(`${JSON.stringify(sent)}\n`));
  const lines: string[] = [];
  const reply = await readReply(connection, (line) => {
    if (options.json === true) lines.push(line);
    else process.stdout.write(`${line}\n`);
  });
  if (options.json === true) {
    const whole = lines.length > 0 ? withLines(reply, lines) : reply;
    process.stdout.write(`${JSON.stringify(whole)}\n`);
  }
  if (reply['ok'] !== true) {
    const { error } = reply;
    throw new CommandError(typeof error === 'string' ? error : 'the reply cannot be read');
  }
  const isSaid = options.json === true || (request.command === 'dump' && file === undefined);
  if (!isSaid) process.stdout.write(printReply(request, reply['result'] as object));
  return 0;
}

/** The lines of a dump as one more field of the result. */
function withLines(reply: Fields, lines: readonly string[]): Fields {
  return { ...reply, result: { ...(reply['result'] as Fields), lines } };
}

type Fields = Readonly<Record<string, unknown>>;

/** The reply; each line of a long one goes to `onLine` before. */
function readReply(connection: ByteStream, onLine: (line: string) => void): Promise<Fields> {
  const decoder = new LineDecoder(LINE_OCTETS);
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new CommandError('the server went away without a reply'));
    connection.start({
      onData(bytes) {
        for (const line of decoder.decode(bytes)) {
          const value = line.kind === 'line' ? parse(line.text) : undefined;
          if (typeof value?.['line'] === 'string') {
            onLine(value['line']);
            continue;
          }
          resolve(value ?? { ok: false });
          connection.end();
        }
      },
      onEnd: () => connection.end(),
      onDrain: () => {},
      onClose: gone,
    });
  });
}

function parse(text: string): Fields | undefined {
  try {
    return JSON.parse(text) as Fields;
  } catch {
    return undefined;
  }
}
