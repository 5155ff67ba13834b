/** Sequence against time, as tcptrace draws it: when each message was sent, received, delivered. */

import type { TraceEvent } from '../run/trace-event.ts';
import type { RunPlot } from './plan.ts';
import type { Plot, Point } from './plot.ts';

/** Of the run, the first ones: dots of more messages touch each other. */
const MAX_MESSAGES = 60;
const SERIES = { submit: 'handed down', send: 'sent', receive: 'received', deliver: 'delivered' };
type Seen = keyof typeof SERIES;

export class SequencePlot implements RunPlot {
  readonly #dataTag: string;
  readonly #points: Record<Seen, Point[]> = { submit: [], send: [], receive: [], deliver: [] };

  /** Datagrams with `dataTag` carry the message of their number. */
  constructor(dataTag = 'data') {
    this.#dataTag = dataTag;
  }

  observe({ kind, text, message, detail, atNs }: TraceEvent): void {
    if (!isSeen(kind)) return;
    const isDatagram = kind === 'send' || kind === 'receive';
    if (isDatagram && text !== this.#dataTag) return;
    const number = isDatagram ? detail : message;
    if (number < 0 || number >= MAX_MESSAGES) return;
    this.#points[kind].push({ x: atNs, y: number, series: SERIES[kind] });
  }

  finish(): Plot | undefined {
    const { send, submit, receive, deliver } = this.#points;
    if (send.length === 0) return undefined;
    return {
      title: 'Sequence against time',
      caption:
        `The first ${MAX_MESSAGES} messages. A row with several “sent” was repeated; ` +
        'from “received” to “delivered” a message is held back.',
      x: { label: 'time', unit: 'ns' },
      y: { label: 'message', unit: 'count' },
      layers: [
        { mark: 'points', points: submit },
        { mark: 'points', points: send },
        { mark: 'points', points: receive },
        { mark: 'points', points: deliver },
      ],
    };
  }
}

function isSeen(kind: TraceEvent['kind']): kind is Seen {
  return kind in SERIES;
}
