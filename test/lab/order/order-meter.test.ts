import { expect, test } from 'vitest';

import { OrderMeter } from '../../../src/lab/order/order-meter.ts';
import type { TraceEvent } from '../../../src/lab/run/trace-event.ts';

type Written = Partial<TraceEvent> & Pick<TraceEvent, 'kind' | 'node' | 'atNs'>;

function measure(
  events: readonly Written[],
  options: ConstructorParameters<typeof OrderMeter>[0] = {},
): Readonly<Record<string, number>> {
  const meter = new OrderMeter(options);
  for (const [index, event] of events.entries()) {
    const nothing = { peer: -1, packet: 0, copy: 0, octets: 0, message: -1, text: '', detail: -1 };
    meter.observe({ id: index + 1, cause: 0, ...nothing, ...event });
  }
  const pairs = Object.entries(meter.finish()).map(([name, { value }]) => [name, value] as const);
  return Object.fromEntries(pairs);
}

const submit = (atNs: number, node: number, message: number): Written => {
  return { kind: 'submit', atNs, node, message };
};
const deliver = (atNs: number, node: number, message: number): Written => {
  return { kind: 'deliver', atNs, node, message };
};
const receive = (atNs: number, node: number, detail: number): Written => {
  return { kind: 'receive', atNs, node, detail, text: 'data' };
};
const send = (node: number, peer: number, text: string): Written => {
  return { kind: 'send', atNs: 0, node, peer, text, octets: 10 };
};

test('a message is held from its first copy until it is delivered', () => {
  const found = measure([
    submit(0, 0, 1),
    submit(0, 0, 2),
    submit(0, 0, 3),
    receive(10, 1, 3),
    receive(20, 1, 2),
    receive(25, 1, 3), // a second copy
    receive(40, 1, 1),
    deliver(40, 1, 1),
    deliver(40, 1, 2),
    deliver(40, 1, 3),
    receive(90, 1, 3), // a late one
  ]);
  expect(found).toMatchObject({ 'holdback.depth': 2, 'holdback.time': 30 });
});

test('messages of the protocol, of links and of the background are counted apart', () => {
  const found = measure(
    [
      submit(0, 0, 1),
      submit(0, 0, 2),
      send(0, 9, 'request'),
      send(9, 1, 'order'),
      send(1, 2, 'gossip'),
      send(1, 9, 'heartbeat'),
      send(1, 9, 'link-ack'),
    ],
    { hub: 9, background: ['heartbeat'] },
  );
  expect(found).toMatchObject({
    'msgs.perBroadcast': 1.5,
    'octets.perBroadcast': 15,
    'hub.share': 2 / 3,
    'hub.octets.perBroadcast': 10,
    'sent.heartbeat': 1,
    'sent.link-ack': 1,
  });
});

test('latency of senders and others, the longest gap at one node, and throughput', () => {
  const found = measure([
    submit(100, 0, 1),
    deliver(100, 0, 1),
    deliver(150, 1, 1),
    submit(200, 1, 2),
    deliver(230, 0, 2),
    deliver(260, 1, 2),
  ]);
  expect(found).toMatchObject({
    'lat.sender.min': 0,
    'lat.sender.max': 60,
    'lat.others.min': 30,
    'lat.others.max': 50,
    'lat.mean': 35,
    'gap.max': 130,
    throughput: 1e9 / 130,
  });
});

test('orders are compared with that of the first node, also those of lives that have ended', () => {
  const found = measure([
    submit(0, 2, 1),
    submit(0, 1, 2),
    deliver(1, 0, 2),
    deliver(2, 0, 1),
    deliver(1, 1, 1),
    deliver(2, 1, 2),
    { kind: 'crash', atNs: 3, node: 1 },
    deliver(4, 1, 2),
    deliver(5, 1, 1),
  ]);
  expect(found).toMatchObject({ 'order.violations': 1, 'order.againstTime': 1, 'gap.max': 1 });
});
