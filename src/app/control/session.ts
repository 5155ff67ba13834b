/**
 * One connection to the control socket: JSON lines in, JSON lines out, in their order, one request
 * at a time (`docs/control.md`). A line that is no request gets an error, and the connection goes
 * on. While a request is at work or a peer does not read, nothing more is read from it.
 */

import type { ByteStream } from '../../net/ports.ts';
import { LineDecoder, type Line } from './line-decoder.ts';

export const controlLimits = {
  /** Octets of a request: a name, a file, and words around them. */
  lineOctets: 65_536,
  /** Connections at once: people and their scripts. */
  connections: 16,
  /** Octets that wait for a peer before more of a long answer is made. */
  unsentOctets: 262_144,
} as const;

/** Made as they are taken. */
export type Lines = Iterable<string> | AsyncIterable<string>;

/** What comes of a request. */
export type ControlReply =
  | { readonly ok: true; readonly result: object; readonly lines?: Lines }
  | { readonly ok: false; readonly error: string };

export type ControlHandler = (
  request: Readonly<Record<string, unknown>>,
) => ControlReply | Promise<ControlReply>;

/** Serves the peer until it leaves. Resolves when the connection is over. */
export function serveControl(connection: ByteStream, handle: ControlHandler): Promise<void> {
  return new Promise((resolve) => {
    const session = new ControlSession(connection, handle);
    connection.start({
      onData: (bytes) => session.take(bytes),
      onEnd: () => session.finish(),
      onDrain: () => session.drained(),
      onClose: () => {
        session.close();
        resolve();
      },
    });
  });
}

class ControlSession {
  readonly #connection: ByteStream;
  readonly #handle: ControlHandler;
  readonly #decoder = new LineDecoder(controlLimits.lineOctets);
  readonly #waiting: Line[] = [];
  #isBusy = false;
  #hasEnded = false;
  #isClosed = false;
  #onDrain: (() => void) | undefined;

  constructor(connection: ByteStream, handle: ControlHandler) {
    this.#connection = connection;
    this.#handle = handle;
  }

  take(bytes: Uint8Array): void {
    this.#waiting.push(...this.#decoder.decode(bytes));
    void this.#work();
  }

  /** The peer sends no more; what it asked is answered before the connection ends. */
  finish(): void {
    this.#hasEnded = true;
    if (!this.#isBusy) this.#connection.end();
  }

  drained(): void {
    this.#onDrain?.();
  }

  close(): void {
    this.#isClosed = true;
    this.#onDrain?.();
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#connection.pause();
    for (let line = this.#waiting.shift(); line && !this.#isClosed; line = this.#waiting.shift()) {
      await this.#answer(line);
    }
    this.#isBusy = false;
    if (this.#hasEnded) this.#connection.end();
    else this.#connection.resume();
  }

  async #answer(line: Line): Promise<void> {
    if (line.kind === 'line' && line.text.trim() === '') return;
    const request = line.kind === 'line' ? requestOf(line.text) : undefined;
    if (!request) {
      const error = line.kind === 'line' ? 'expected an object in JSON' : 'the line is too long';
      return this.#write({ ok: false, error });
    }
    const id = request['id'] === undefined ? {} : { id: request['id'] };
    const reply = await this.#handled(request);
    if (!reply.ok) return this.#write({ ...id, ...reply });
    try {
      for await (const text of reply.lines ?? []) {
        await this.#write({ ...id, line: text });
        if (this.#isClosed) return;
      }
    } catch (error) {
      return this.#write({ ...id, ok: false, error: messageOf(error) });
    }
    return this.#write({ ...id, ok: true, result: reply.result });
  }

  async #handled(request: Readonly<Record<string, unknown>>): Promise<ControlReply> {
    try {
      return await this.#handle(request);
    } catch (error) {
      return { ok: false, error: messageOf(error) };
    }
  }

  async #write(value: object): Promise<void> {
    this.#connection.write(encoder.encode(`${JSON.stringify(value)}\n`));
    if (this.#connection.unsentBytes <= controlLimits.unsentOctets || this.#isClosed) return;
    await new Promise<void>((resolve) => {
      this.#onDrain = resolve;
    });
  }
}

const encoder = new TextEncoder();

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function requestOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
