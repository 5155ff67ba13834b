/**
 * A headless Chromium, driven over its debugging pipe (the DevTools protocol: JSON, a zero octet
 * after each message). No port is opened and no package needed.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The program, or undefined where there is none. */
export const chromium: string | undefined = NAMES.find(
  (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
);

/** Whatever the protocol says: its description is longer than this file. */
type Json = ReturnType<typeof JSON.parse>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Json;
  readonly result?: Json;
  readonly error?: { readonly message: string };
}

export class Browser {
  readonly #folder = mkdtempSync(join(tmpdir(), 'lab-chromium-'));
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (message: Message) => void>();
  /** What pages complained about, and what they asked the network for. */
  readonly complaints: string[] = [];
  readonly requests: string[] = [];
  #nextId = 1;
  #session: string | undefined;

  constructor(program: string) {
    const options = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe'];
    this.#child = spawn(program, [...options, `--user-data-dir=${this.#folder}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    let text = '';
    (this.#child.stdio[4] as Readable).setEncoding('utf8').on('data', (part: string) => {
      const messages = (text + part).split('\0');
      text = messages.pop()!;
      for (const message of messages) this.#take(JSON.parse(message) as Message);
    });
  }

  async open(url: string): Promise<void> {
    const { targetId } = await this.#call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.#call('Target.attachToTarget', { targetId, flatten: true });
    this.#session = sessionId as string;
    for (const domain of ['Runtime', 'Log', 'Network', 'Page'])
      await this.#call(`${domain}.enable`);
    await this.#call('Page.navigate', { url });
    await this.evaluate(
      'new Promise((done) => document.readyState === "complete" ? done() : addEventListener("load", done))',
    );
  }

  /** The value of an expression in the page. */
  async evaluate(expression: string): Promise<Json> {
    const wanted = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await this.#call('Runtime.evaluate', wanted);
    if (exceptionDetails) throw new Error(`${expression}: ${result.description}`);
    return result.value;
  }

  /** A key as a person presses it. */
  async press(key: string): Promise<void> {
    const text = key.length === 1 ? key : undefined;
    await this.#call('Input.dispatchKeyEvent', { type: 'keyDown', key, text });
    await this.#call('Input.dispatchKeyEvent', { type: 'keyUp', key });
  }

  /** The left button on the middle of an element. */
  async click(selector: string): Promise<void> {
    const { x, y } = await this.evaluate(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      element.scrollIntoView({ block: 'center' });
      const { left, top, width, height } = element.getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2 };
    })()`);
    const button = { x, y, button: 'left', clickCount: 1 };
    await this.#call('Input.dispatchMouseEvent', { type: 'mousePressed', ...button });
    await this.#call('Input.dispatchMouseEvent', { type: 'mouseReleased', ...button });
  }

  close(): void {
    this.#child.kill('SIGKILL');
    this.#child.once('exit', () => rmSync(this.#folder, { recursive: true, force: true }));
  }

  async #call(method: string, params: object = {}): Promise<Json> {
    const id = this.#nextId++;
    const sessionId = method.startsWith('Target.') ? undefined : this.#session;
    const answered = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    const message = JSON.stringify({ id, method, params, sessionId });
    (this.#child.stdio[3] as Writable).write(`${message}\0`);
    const { result, error } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  #take({ id, method, params, ...answer }: Message): void {
    if (id !== undefined) this.#waiting.get(id)?.(answer);
    if (method === 'Runtime.exceptionThrown') {
      const { exception, text } = params!['exceptionDetails'];
      this.complaints.push(String(exception?.description ?? text));
    }
    if (method === 'Log.entryAdded') this.complaints.push(String(params!['entry'].text));
    if (method === 'Runtime.consoleAPICalled')
      this.complaints.push(JSON.stringify(params!['args']));
    if (method === 'Network.requestWillBeSent') this.requests.push(String(params!['request'].url));
  }
}
