/** The laboratory's protocols, the same objects as in virtual time, on two UDP sockets. */
import { createSocket } from 'node:dgram';

import { deliveryLayer } from '../../dist/lab/transport/delivery-layer.js';
import {
  PacketNumberReceiver,
  PacketNumberSender,
} from '../../dist/lab/transport/protocols/packet-numbers.js';
import {
  SelectiveRepeatReceiver,
  SelectiveRepeatSender,
} from '../../dist/lab/transport/protocols/selective-repeat.js';
import { sequenceSpace } from '../../dist/lab/transport/sequence-space.js';
import { openRelay } from './relay.mjs';

const PEER = 1;
const MS = 1e6;
/** As RFC 9000 §13.2.1 recommends. */
const ACK_EVERY = 2;
const ACK_DELAY_NS = 25 * MS;

/**
 * A4: its timer and window are set by whoever knows the line: it measures nothing.
 * @param {import('./line.mjs').Line} line
 */
export function openSelectiveRepeat(line) {
  const space = sequenceSpace(32);
  return open(line, {
    sender: (context) =>
      new SelectiveRepeatSender(context, {
        peer: PEER,
        window: line.windowPackets,
        timerNs: line.timerMs * MS,
        frameNs: 0,
        space,
      }),
    receiver: (context) =>
      new SelectiveRepeatReceiver(context, deliveryLayer('reliable-ordered', context), space),
    waiting: ({ unacknowledged }) => unacknowledged,
  });
}

/**
 * A9: it measures the round trip; its window is set, because it controls no congestion.
 * @param {import('./line.mjs').Line} line
 */
export function openPacketNumbers(line) {
  return open(line, {
    sender: (context) =>
      new PacketNumberSender(context, {
        peer: PEER,
        window: line.windowPackets,
        maxAckDelayNs: ACK_DELAY_NS,
      }),
    receiver: (context) =>
      new PacketNumberReceiver(context, {
        layer: deliveryLayer('reliable-ordered', context),
        every: ACK_EVERY,
        maxAckDelayNs: ACK_DELAY_NS,
      }),
    waiting: ({ base }, submitted) => submitted - base,
  });
}

async function open(line, { sender, receiver, waiting }) {
  const [here, there] = [await bound(), await bound()];
  const relay = await openRelay(line, there.address().port);
  let deliver = () => {};
  const sending = new Host(sender, (bytes) => here.send(bytes, relay.port, '127.0.0.1'));
  let back;
  const receiving = new Host(
    receiver,
    (bytes) => back && there.send(bytes, back.port, back.address),
    (payload) => deliver(payload),
  );
  here.on('message', (bytes) => sending.process.onDatagram?.(PEER, bytes));
  there.on('message', (bytes, from) => {
    back = from;
    receiving.process.onDatagram?.(0, bytes);
  });
  const startMs = performance.now();
  let submitted = 0;
  return {
    // They control no congestion: they are told what the line carries, and stay a little below.
    isReady: () =>
      submitted < ((performance.now() - startMs) / 1000) * line.messagesPerSecond &&
      waiting(sending.process.describeState(), submitted) < line.windowPackets,
    write: (message) => {
      submitted += 1;
      sending.process.onCommand(message);
    },
    onMessage: (listener) => (deliver = listener),
    async close() {
      sending.stop();
      receiving.stop();
      for (const socket of [here, there]) socket.close();
      return await relay.close();
    },
  };
}

async function bound() {
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

/** What a process needs of its node. */
class Host {
  /** @readonly */
  #timers = new Set();

  constructor(create, send, deliver = () => {}) {
    this.process = create({
      self: 0,
      nodeCount: 2,
      monotonicNs: () => Number(process.hrtime.bigint()),
      send: (_to, bytes) => send(bytes),
      setTimer: (delayNs, name, detail = -1) => {
        const timer = setTimeout(() => {
          this.#timers.delete(timer);
          this.process.onTimer?.(name, detail);
        }, delayNs / MS);
        this.#timers.add(timer);
        return {
          cancel: () => {
            clearTimeout(timer);
            this.#timers.delete(timer);
          },
        };
      },
      deliver,
      note: () => {},
    });
    this.process.onStart?.();
  }

  stop() {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
