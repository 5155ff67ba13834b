/** A simulated internet with a machine that runs ts-dig, and servers that say what they are told. */
import { domainToASCII, domainToUnicode } from 'node:url';

import { dig } from '../../src/dig/dig.ts';
import { FrameDecoder, frame } from '../../src/net/framing.ts';
import type { SimHost } from '../../src/sim/host.ts';
import { World, type WorldOptions } from '../../src/sim/world.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { parseType, RRType, typeText } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { toPacket } from '../../src/wire/packet.ts';
import { parseRdata } from '../../src/wire/rdata/rdata.ts';
import { failure, success } from '../../src/wire/result.ts';
import { splitTokens } from '../../src/wire/rdata/tokens.ts';
import type { ResourceRecord } from '../../src/wire/record.ts';

export type Transport = 'udp' | 'tcp';
/** What a server says to a query, beyond its id and question; undefined: nothing. */
export type Script = (asked: string, query: Message, transport: Transport) => Reply | undefined;
export type Reply = Partial<Message>;

export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** Virtual milliseconds. */
  readonly tookMs: number;
}

export class Scene {
  readonly world: World;
  /** What the servers were asked, as 'SERVER TRANSPORT NAME TYPE'. */
  readonly asked: string[] = [];
  readonly queries: Message[] = [];
  readonly files: Map<string, string> = new Map();
  digrc: string | undefined;
  hosts: string | undefined;
  readonly #client: SimHost;

  constructor(options: Partial<WorldOptions> = {}) {
    this.world = new World({ seed: 1, link: { delayMs: 5 }, ...options });
    this.#client = this.world.host({ name: 'client', addresses: ['192.0.2.1', '2001:db8::1'] });
  }

  /** Adds a host that answers on a port, over UDP and TCP, by `script`. */
  async serve(address: string, script: Script, port = 53): Promise<SimHost> {
    const host = this.world.host({ addresses: [address] });
    const { network } = host.runtime;
    const answer = (octets: Uint8Array, transport: Transport): Uint8Array | undefined => {
      const query = decodeMessage(new Uint8Array(octets));
      if (!query.ok) throw new Error(query.error.reason);
      const { name, type } = query.value.questions[0]!;
      const asked = `${name.toString()} ${typeText(type)}`;
      this.asked.push(`${address} ${transport} ${asked}`);
      this.queries.push(query.value);
      const reply = script(asked, query.value, transport);
      const { id, rd, questions } = query.value;
      return reply && encodeMessage(createMessage({ id, qr: true, rd, questions, ...reply }));
    };
    await network.bindUdp({ address, port }, (datagram, _peer, out) => {
      const reply = answer(datagram, 'udp') ?? new Uint8Array(0);
      out.set(reply);
      return reply.length;
    });
    await network.listenTcp({ address, port }, (connection) => {
      const decoder = new FrameDecoder();
      connection.start({
        onData: (bytes) => {
          for (const octets of decoder.decode(bytes)) {
            const reply = answer(octets, 'tcp');
            if (reply) connection.write(frame(reply));
          }
        },
        onEnd: () => connection.end(),
        onDrain: () => {},
        onClose: () => {},
      });
    });
    return host;
  }

  /** What a batch told of itself. */
  readonly progress: (number | undefined)[] = [];
  /** Whether anybody reads what is printed. */
  isHeard = true;
  /** Colours what is printed. */
  usesColours = false;

  /** `interruptMs`: when the user interrupts it. */
  async dig(
    line: string,
    resolvConf = 'nameserver 192.0.2.53\n',
    interruptMs?: number,
  ): Promise<Outcome> {
    const interruption = new AbortController();
    if (interruptMs !== undefined) {
      this.#client.runtime.clock.schedule(interruptMs, () => interruption.abort());
    }
    let out = '';
    let err = '';
    const startMs = this.world.nowMs;
    const status = await this.world.run(
      dig(
        {
          runtime: this.#client.runtime,
          version: '1.2.3',
          readResolvConf: () => resolvConf,
          readHosts: () => this.hosts,
          readDigrc: () => this.digrc,
          openBatch: (path) => this.files.get(path)?.split('\n') ?? { problem: 'No such file' },
          allowsIdn: false,
          toAscii: domainToASCII,
          toUnicode: domainToUnicode,
          loadSecureNetwork: () => Promise.reject(new Error('there is none here')),
          readFile: (path) => {
            const value = this.files.get(path);
            return value === undefined ? failure('file not found') : success(value);
          },
          loadToPacket: () => Promise.resolve(toPacket),
          formatTimestamp: () => '2000-01-01T00:00:00.000Z',
          formatTime: () => 'Sat Jan 01 00:00:00 UTC 2000',
          onProgress: (asked) => void this.progress.push(asked),
          drained: () => (this.isHeard ? undefined : Promise.resolve(false)),
          usesColours: this.usesColours,
          interruption: interruption.signal,
          write: (text) => (out += text),
          writeError: (text) => (err += text),
        },
        line.split(' '),
      ),
    );
    return { status, out, err, tookMs: this.world.nowMs - startMs };
  }
}

/** Records from lines as 'www.example. 300 A 192.0.2.10'. */
export function records(...lines: readonly string[]): readonly ResourceRecord[] {
  return lines.map((line) => {
    const [owner = '', ttl, typeName = '', ...data] = line.split(' ');
    const type = parseType(typeName) ?? RRType.NULL;
    const rdata = parseRdata(type, splitTokens(data.join(' ')));
    if (!rdata.ok) throw new Error(`${line}: ${rdata.error.message}`);
    return { name: nameOf(owner), type, class: 1, ttl: Number(ttl), rdata: rdata.value };
  });
}
