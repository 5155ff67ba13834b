/** TLS and HTTP/2 over real sockets on loopback: who is believed, and what a failure is called. */
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, createSecureServer } from 'node:http2';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { createSecureNetwork } from '../../../src/net/real/secure.ts';
import type { Endpoint } from '../../../src/net/ports.ts';
import type { HttpReply, PeerProof, TlsTerms } from '../../../src/net/secure.ts';

const secure = createSecureNetwork();
const ca = read('ca.pem');
const identity = { certificates: read('client.pem'), key: read('client.key') };
const server: TlsOptions = { cert: read('server.pem'), key: read('server.key') };
const opportunistic: TlsTerms = { proof: undefined, identity: undefined };

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

function read(name: string): string {
  return readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), 'utf8');
}

function listen(listener: Server): Promise<Endpoint> {
  return new Promise((resolve) => {
    const sockets = new Set<{ destroy(): void }>();
    listener.on('connection', (socket) => sockets.add(socket));
    open.push({
      close: () => {
        listener.close();
        for (const socket of sockets) socket.destroy();
      },
    });
    listener.listen(0, '127.0.0.1', () => {
      resolve({ address: '127.0.0.1', port: (listener.address() as AddressInfo).port });
    });
  });
}

/** An echo over TLS. */
function serveTls(options: TlsOptions = {}): Promise<Endpoint> {
  return listen(
    createTlsServer({ ...server, ALPNProtocols: ['dot'], ...options }, (socket) => {
      socket.on('error', () => {});
      socket.pipe(socket);
    }).on('tlsClientError', () => {}),
  );
}

/** What the echo said, or why there was none. */
async function talk(
  remote: Endpoint,
  terms: TlsTerms,
  serverName = 'dns.example',
): Promise<string> {
  try {
    const connection = await secure.connectTls(remote, { terms, serverName });
    open.push({ close: () => connection.destroy() });
    return await new Promise((resolve) => {
      connection.start({
        onData: (bytes) => resolve(Buffer.from(bytes).toString()),
        onEnd: () => resolve('end'),
        onDrain: () => {},
        onClose: (error) => resolve(`closed: ${error?.message}`),
      });
      connection.write(Buffer.from('hello'));
    });
  } catch (error) {
    return (error as Error).message.replaceAll(String(remote.port), 'PORT');
  }
}

const prove = (name: string, authorities: string | undefined = ca): TlsTerms => {
  const proof: PeerProof = { name, authorities };
  return { proof, identity: undefined };
};

describe('over TLS', () => {
  test('anybody is believed where nothing has to be proven (RFC 8310 §5)', async () => {
    expect(await talk(await serveTls(), opportunistic)).toBe('hello');
  });

  test.each([
    ['its name', prove('dns.example'), 'hello'],
    ['its name with a dot behind it', prove('dns.example.'), 'hello'],
    ['its address', prove('127.0.0.1'), 'hello'],
    [
      'another name',
      prove('other.example'),
      'TLS peer certificate verification for 127.0.0.1:PORT failed: hostname mismatch',
    ],
    [
      'another address',
      prove('127.0.0.2'),
      'TLS peer certificate verification for 127.0.0.1:PORT failed: IP address mismatch',
    ],
    [
      'its name by another authority',
      prove('dns.example', read('client.pem')),
      'TLS peer certificate verification for 127.0.0.1:PORT failed: unable to get local issuer certificate',
    ],
  ])('a server that has to prove %s', async (_, terms, expected) => {
    expect(await talk(await serveTls(), terms)).toBe(expected);
  });

  test('a certificate of nobody that this machine trusts is refused', async () => {
    const terms = { proof: { name: 'dns.example', authorities: undefined }, identity: undefined };
    expect(await talk(await serveTls(), terms)).toMatch(/ failed: unable to /);
  });

  test('a client that has to prove who it is does so', async () => {
    const remote = await serveTls({ requestCert: true, rejectUnauthorized: true, ca });
    expect(await talk(remote, { proof: undefined, identity })).toBe('hello');
    expect(await talk(remote, opportunistic)).toMatch(/^(end|closed: )/);
  });

  test('keys that are none, and servers that speak no TLS, are failures to connect', async () => {
    const remote = await serveTls();
    const wrong = { proof: undefined, identity: { certificates: 'x', key: 'y' } };
    expect(await talk(remote, wrong)).toMatch(/^cannot connect to 127\.0\.0\.1:PORT \(tcp\): /);
    const plain = await listen(createTcpServer((socket) => socket.end('HTTP/1.0 400\r\n\r\n')));
    expect(await talk(plain, opportunistic)).toBe(
      'cannot connect to 127.0.0.1:PORT (tcp): TLS: wrong version number',
    );
    const silent = await listen(createTcpServer((socket) => socket.end()));
    expect(await talk(silent, opportunistic)).toMatch(/^cannot connect to /);
  });

  test('an abort ends the handshake', async () => {
    const remote = await listen(createTcpServer(() => {}));
    const stop = new AbortController();
    const { signal } = stop;
    const opening = secure.connectTls(remote, { terms: opportunistic, serverName: '', signal });
    setImmediate(() => stop.abort());
    await expect(opening).rejects.toThrow('aborted');
  });
});

describe('over HTTP/2', () => {
  type Respond = (path: string, body: Buffer) => { status?: number; body?: Buffer; end?: 'cut' };

  async function serveHttp(respond: Respond, tls: boolean): Promise<Endpoint> {
    const listener = tls ? createSecureServer(server) : createHttpServer();
    listener.on('sessionError', () => {});
    listener.on('stream', (stream, headers) => {
      const chunks: Buffer[] = [];
      stream.on('error', () => {});
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const {
          status = 200,
          body = Buffer.alloc(0),
          end,
        } = respond(headers[':path'] ?? '', Buffer.concat(chunks));
        stream.respond({ ':status': status, 'content-type': 'text/x' });
        if (end === 'cut') stream.write('half', () => stream.session?.destroy());
        else stream.end(body);
      });
    });
    return listen(listener);
  }

  async function request(remote: Endpoint, tls: boolean, count = 1): Promise<readonly HttpReply[]> {
    const terms = { terms: opportunistic, serverName: 'dns.example' };
    const connection = await secure.connectHttp(remote, { tls: tls ? terms : undefined });
    open.push(connection);
    return Promise.all(
      Array.from({ length: count }, (_, i) =>
        connection.request(
          {
            scheme: tls ? 'https' : 'http',
            authority: 'dns.example',
            method: 'POST',
            path: `/${i}`,
            accept: '*/*',
            body: { type: 'text/x', octets: Buffer.from(`body ${i}`) },
          },
          new AbortController().signal,
        ),
      ),
    );
  }

  test.each([true, false])('requests share a connection (TLS: %s)', async (tls) => {
    const echo: Respond = (path, body) => ({ body: Buffer.from(`${path} ${body.toString()}`) });
    const replies = await request(await serveHttp(echo, tls), tls, 20);
    expect(replies.map(({ body }) => Buffer.from(body).toString())).toEqual(
      Array.from({ length: 20 }, (_, i) => `/${i} body ${i}`),
    );
    expect(replies[0]).toMatchObject({ status: 200, contentType: 'text/x' });
  });

  test('an error comes with its status', async () => {
    const remote = await serveHttp(() => ({ status: 404 }), true);
    expect(await request(remote, true)).toMatchObject([{ status: 404 }]);
  });

  test('a body longer than a message can be is an error', async () => {
    const remote = await serveHttp(() => ({ body: Buffer.alloc(65_536) }), true);
    await expect(request(remote, true)).rejects.toThrow('longer than 65535 octets');
    const whole = await serveHttp(() => ({ body: Buffer.alloc(65_535) }), true);
    expect((await request(whole, true))[0]!.body).toHaveLength(65_535);
  });

  test('a connection that is cut is an error', async () => {
    const remote = await serveHttp(() => ({ end: 'cut' }), true);
    await expect(request(remote, true)).rejects.toThrow(/cannot connect|the HTTP request failed/);
  });

  test('a server without HTTP/2 is a failure to connect', async () => {
    const remote = await serveTls();
    await expect(request(remote, true)).rejects.toThrow(/ALPN for HTTP\/2 failed|no application/);
    const plain = await listen(createTcpServer((socket) => socket.end('HTTP/1.1 400\r\n\r\n')));
    await expect(request(plain, false)).rejects.toThrow();
  });
});
