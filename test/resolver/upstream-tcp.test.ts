/** A resolver that asks its servers over TCP: by choice, or since it must. */
import { expect, test } from 'vitest';

import { Internet, plainInternet, ROOT } from './fixture.ts';

test('with TCP alone no datagram leaves, one connection serves a zone, and all end when idle', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver({ upstreamTransport: 'tcp' });
  for (const name of ['www', 'near', 'ns', 'zero', 'far']) {
    expect(await internet.ask(resolver, `${name}.example.com.`)).toMatch(/^NOERROR/);
  }
  for (const line of internet.takeAsked()) expect(line).toMatch(/ tcp$/);
  // The root, com., org., and the one server of example.com. and alias.org.
  expect(internet.resolverHost.pending.connections).toBe(4);
  await internet.world.advance(10_001);
  expect(internet.leftOpen).toBe(0);
});

test('a resolver that is closed leaves no connection behind', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver({ upstreamTransport: 'tcp' });
  await internet.ask(resolver, 'www.example.com.');
  resolver.close();
  await internet.world.advance(100);
  expect(internet.leftOpen).toBe(0);
});

test('a server that accepts connections and closes them is connected to twice for a query', async () => {
  const internet = new Internet();
  const evil = internet.world.host({ addresses: [ROOT] });
  let accepted = 0;
  const listening = evil.runtime.network.listenTcp({ address: ROOT, port: 53 }, (connection) => {
    accepted++;
    connection.destroy();
  });
  await internet.world.run(listening);
  const resolver = internet.resolver({ upstreamTransport: 'tcp' });
  for (const name of ['a.b.c.example.com.', 'www.org.']) {
    expect(await internet.ask(resolver, name)).toMatch(/^failure/);
  }
  expect(accepted).toBeLessThanOrEqual(2);
  expect(internet.leftOpen).toBe(0);
});
