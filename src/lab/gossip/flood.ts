/**
 * Gossip by flooding: whoever hears a message for the first time delivers it, and tells all of its
 * neighbours but the one it heard it from. Everybody hears of it after as many hops as they are
 * away; every link carries it once at least, and twice where it closes a circle. No order.
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../process/message-format.ts';
import type { Context, NodeId, Payload, Process } from '../process/process.ts';
import { about, multicast } from '../order/multicast.ts';

const SHAPES = { news: { origin: 'u16', count: 'u32', payload: 'rest' } } as const;
type News = MessageOf<typeof SHAPES>;
const format: MessageFormat<News> = messageFormat(SHAPES);

export type FloodMutant = 'delivers-doubles' | 'skips-a-neighbour';

export class Flood implements Process {
  readonly #context: Context;
  readonly #neighbours: readonly NodeId[];
  readonly #mutant: FloodMutant | undefined;
  readonly #heard = new Set<string>();
  #sent = 0;

  constructor(context: Context, neighbours: readonly NodeId[], mutant?: FloodMutant) {
    this.#context = context;
    this.#neighbours = mutant === 'skips-a-neighbour' ? neighbours.slice(0, 3) : neighbours;
    this.#mutant = mutant;
  }

  onCommand(payload: Payload): void {
    const { self } = this.#context;
    this.#sent += 1;
    this.#hear({ kind: 'news', origin: self, count: this.#sent, payload }, self);
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const news = format.read(bytes);
    if (news) this.#hear(news, from);
  }

  describeState(): Readonly<Record<string, number>> {
    return { heard: this.#heard.size };
  }

  #hear(news: News, from: NodeId): void {
    const { origin, count, payload } = news;
    const name = `${origin}/${count}`;
    const isNew = !this.#heard.has(name);
    this.#heard.add(name);
    if (isNew || this.#mutant === 'delivers-doubles') this.#context.deliver(payload, origin);
    if (!isNew) return;
    const to = this.#neighbours.filter((node) => node !== from);
    multicast(this.#context, to, { bytes: format.write(news), label: about('news', payload) });
  }
}
