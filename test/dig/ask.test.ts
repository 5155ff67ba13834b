/** What leads to another question, and to which server, over which transport. */
import { describe, expect, test } from 'vitest';
import { ask, type AskContext } from '../../src/dig/ask.ts';
import { Output } from '../../src/dig/output.ts';
import { defaultGlobals, defaultSettings, type Settings } from '../../src/dig/settings.ts';
import { Transports } from '../../src/dig/transports.ts';
import { ConnectError } from '../../src/net/errors.ts';
import type { ConnectTlsOptions, SecureNetwork } from '../../src/net/secure.ts';
import { CertificateError } from '../../src/net/secure.ts';
import type { SimHost } from '../../src/sim/host.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { EdnsOption, Rcode, RRType } from '../../src/wire/iana.ts';
import type { TsigKey } from '../../src/tsig/key.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { keyFrom, SECRET } from '../tsig/vectors.ts';
import { records, Scene, type Script } from './scene.ts';

const FIRST = '192.0.2.53';
const SECOND = '192.0.2.54';
const answers = records('www.example. 300 A 192.0.2.10');
const good: Script = () => ({ answers });

interface Asked {
  readonly outcome: Awaited<ReturnType<typeof ask>>;
  readonly said: string;
  readonly asked: readonly string[];
  readonly scene: Scene;
}

interface Setting {
  readonly first?: Script;
  readonly second?: Script;
  readonly settings?: Partial<Settings>;
  readonly key?: TsigKey;
  readonly secure?: (client: SimHost) => SecureNetwork;
  readonly files?: Readonly<Record<string, string>>;
}

async function run({
  first = good,
  second,
  settings,
  key,
  secure,
  files,
}: Setting): Promise<Asked> {
  const scene = new Scene();
  await scene.serve(FIRST, first);
  if (second) await scene.serve(SECOND, second);
  const client = scene.world.host({ name: 'asker', addresses: ['192.0.2.9'] });
  const { runtime } = client;
  let said = '';
  const write = (text: string): void => void (said += text);
  const transports = new Transports({
    runtime,
    loadSecureNetwork: () =>
      secure ? Promise.resolve(secure(client)) : Promise.reject(new Error('none')),
    readFile: (path) => {
      const value = files?.[path];
      return value === undefined ? { ok: false, error: 'file not found' } : { ok: true, value };
    },
    keepOpen: false,
  });
  const context: AskContext = {
    runtime,
    transports,
    globals: { ...defaultGlobals },
    key,
    cookie: new Uint8Array(8).fill(7),
    output: new Output({ write, writeError: write }, defaultGlobals),
  };
  const addresses = second ? [FIRST, SECOND] : [FIRST];
  const servers = addresses.map((address) => ({
    endpoint: { address, port: 53 },
    label: 'dns.example',
  }));
  const question = { name: nameOf('www.example.'), type: RRType.A, class: 1 };
  const all = { ...defaultSettings, tries: 1, ...settings };
  const outcome = await scene.world.run(ask(context, question, { servers, settings: all }));
  transports.close();
  return { outcome, said, asked: scene.asked, scene };
}

describe('BADCOOKIE (RFC 7873 §5.3)', () => {
  const theirs = new Uint8Array(16).fill(7).fill(9, 8);
  const options = [{ code: EdnsOption.COOKIE, data: theirs }];
  const sulking: Script = () => ({ rcode: Rcode.BADCOOKIE, edns: { ...plainEdns(), options } });

  test('leads to another query with the cookie of the server, then to TCP', async () => {
    const { asked, said, scene, outcome } = await run({ first: sulking });
    expect(asked).toEqual([
      `${FIRST} udp www.example. A`,
      `${FIRST} udp www.example. A`,
      `${FIRST} tcp www.example. A`,
    ]);
    expect(said).toBe(';; BADCOOKIE, retrying.\n;; BADCOOKIE, retrying in TCP mode.\n');
    const sent = scene.queries.map(({ edns }) => edns?.options[0]?.data.length);
    expect(sent).toEqual([8, 16, 16]);
    expect(outcome).toMatchObject({ kind: 'reply', via: 'tcp' });
  });

  test('is an answer where nobody wants to ask again', async () => {
    const { asked } = await run({ first: sulking, settings: { retriesBadCookie: false } });
    expect(asked).toHaveLength(1);
  });
});

describe('SERVFAIL', () => {
  const failing: Script = () => ({ rcode: Rcode.SERVFAIL });

  test('is an answer, unless another server may know better', async () => {
    const stopped = await run({ first: failing, second: good });
    expect(stopped.outcome).toMatchObject({ message: { rcode: Rcode.SERVFAIL } });
    const settings = { stopsAtServfail: false };
    const { outcome, said } = await run({ first: failing, second: good, settings });
    expect(outcome).toMatchObject({ message: { answers } });
    expect(said).toBe(`;; Got SERVFAIL reply from ${FIRST}, trying next server\n`);
  });

  test('of the last server is an answer', async () => {
    const settings = { stopsAtServfail: false };
    const { outcome } = await run({ first: failing, second: failing, settings });
    expect(outcome).toMatchObject({ from: { endpoint: { address: SECOND } } });
  });
});

test('an unsigned reply to a signed query is shown, with a remark', async () => {
  const { outcome, said } = await run({ key: keyFrom(`k:${SECRET}`) });
  expect(outcome).toMatchObject({ kind: 'reply', message: { answers } });
  expect(said).toBe(";; Couldn't verify signature: expected a TSIG or SIG(0)\n");
});

describe('over TLS', () => {
  const settings: Partial<Settings> = { transport: 'tls' };
  const strict = { ...defaultSettings.tls, isStrict: true, caFile: 'ca.pem' };

  /** TLS that is TCP, and keeps what it was asked for. */
  function fake(log: ConnectTlsOptions[], failWith?: Error): (client: SimHost) => SecureNetwork {
    return ({ runtime }) => ({
      connectTls(remote, options) {
        log.push(options);
        return failWith ? Promise.reject(failWith) : runtime.network.connectTcp(remote, options);
      },
      connectHttp: () => Promise.reject(new Error('none')),
    });
  }

  test('anybody is believed where nothing is to be proven', async () => {
    const log: ConnectTlsOptions[] = [];
    const { outcome } = await run({ settings, secure: fake(log) });
    expect(outcome).toMatchObject({ kind: 'reply', via: 'tls' });
    expect(log).toMatchObject([
      { terms: { proof: undefined, identity: undefined }, serverName: 'dns.example' },
    ]);
  });

  test('the server proves the name that stood behind @, or another that was named', async () => {
    const log: ConnectTlsOptions[] = [];
    const files = { 'ca.pem': 'PEM' };
    await run({ settings: { ...settings, tls: strict }, files, secure: fake(log) });
    const tls = { ...strict, hostName: 'other.example' };
    await run({ settings: { ...settings, tls }, files, secure: fake(log) });
    expect(log.map(({ terms }) => terms.proof)).toEqual([
      { name: 'dns.example', authorities: 'PEM' },
      { name: 'other.example', authorities: 'PEM' },
    ]);
  });

  test('who does not prove it is not asked again', async () => {
    const error = new CertificateError('refused', 'hostname mismatch');
    const log: ConnectTlsOptions[] = [];
    const { outcome, said } = await run({
      settings: { ...settings, tries: 3 },
      secure: fake(log, error),
    });
    expect(outcome).toEqual({ kind: 'given up', why: 'nobody was asked' });
    expect(log).toHaveLength(1);
    const place = `${FIRST}#53`;
    expect(said).toBe(
      `;; TLS peer certificate verification for ${place} failed: hostname mismatch\n`,
    );
  });

  test('a failure to connect is told with its reason', async () => {
    const cause = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    const secure = fake([], new ConnectError('no', { cause }));
    const { said } = await run({ settings, secure });
    expect(said).toContain('for www.example failed: connection refused.\n');
  });

  test('files that cannot be read, and half a certificate, are told before anybody is asked', async () => {
    const missing = await run({ settings: { ...settings, tls: strict }, secure: fake([]) });
    expect(missing.said).toBe(';; TLS context cannot be created\nts-dig: ca.pem: file not found\n');
    const tls = { ...defaultSettings.tls, certificateFile: 'client.pem' };
    const half = await run({ settings: { ...settings, tls }, secure: fake([]) });
    expect(half.said).toContain('both TLS client certificate and key file must be specified');
    expect([...missing.asked, ...half.asked]).toEqual([]);
  });
});
