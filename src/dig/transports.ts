/**
 * How a question reaches a server: over UDP, TCP, TLS (RFC 7858) or HTTP/2 with or without TLS
 * (RFC 8484); and what is kept for the questions that follow: open connections with `+keepopen`,
 * the certificates and keys that were read.
 */

import { ConnectionPool } from '../client/connection-pool.ts';
import { exchange } from '../client/exchange.ts';
import { exchangeHttps } from '../client/https.ts';
import { clientLimits, type ConnectionLimits } from '../client/limits.ts';
import { unreachable, type Exchange } from '../client/outcome.ts';
import { overTls } from '../client/over-tls.ts';
import { localOf, type ExchangeRequest } from '../client/request.ts';
import { endpointFamily, formatEndpoint } from '../net/address.ts';
import { DnsError } from '../net/errors.ts';
import type { Endpoint, Runtime } from '../net/ports.ts';
import type { ConnectTlsOptions, HttpConnection, SecureNetwork, TlsTerms } from '../net/secure.ts';
import { failure, success, type Result } from '../wire/result.ts';
import { portFor, type HttpsSettings, type TlsSettings, type Transport } from './settings.ts';

/** A server and what the user calls it. */
export interface Server {
  readonly endpoint: Endpoint;
  readonly label: string;
}

export interface TransportContext {
  readonly runtime: Runtime;
  /** Loaded when TLS or HTTPS is asked for. */
  readonly loadSecureNetwork: () => Promise<SecureNetwork>;
  /** The text of a file, or why there is none. */
  readonly readFile: (path: string) => Result<string, string>;
  readonly keepOpen: boolean;
}

export interface Route {
  readonly transport: Transport;
  readonly tls: TlsSettings;
  readonly https: HttpsSettings;
}

/** Certificates or keys of the user's that cannot be used: nobody was asked. */
export class TlsSetupError extends DnsError {
  readonly code = 'TSDNS_TLS_SETUP';
  /** What dig does not say. */
  readonly detail: string | undefined;

  constructor(problem: string, detail?: string) {
    super(problem);
    this.detail = detail;
  }
}

/** As many as one server answers on one connection at a time without complaint. */
const POOL_LIMITS: Partial<ConnectionLimits> = {
  // The user decides what is asked, and whom, and how often.
  asksKeepalive: false,
  failures: Infinity,
  perServer: 4,
  inFlight: 100,
};

export class Transports {
  readonly #context: TransportContext;
  #secure: Promise<SecureNetwork> | undefined;
  readonly #terms = new Map<string, TlsTerms>();
  /** By what tells one kind of connection from another. */
  readonly #pools = new Map<string, ConnectionPool>();
  readonly #http = new Map<string, HttpConnection>();

  constructor(context: TransportContext) {
    this.#context = context;
  }

  /** `request.timeoutMs` is for the whole exchange, whatever the transport. */
  async exchange(request: ExchangeRequest, server: Server, route: Route): Promise<Exchange> {
    const { runtime } = this.#context;
    switch (route.transport) {
      case 'udp':
        return exchange(runtime, request);
      case 'tcp':
        return this.#overStream(runtime, request, 'tcp');
      case 'tls': {
        const secured = await this.streamRuntime(server, route);
        if (!secured.ok) return unreachable('tcp', secured.error);
        return this.#overStream(secured.value, request, keyOf(server, route));
      }
      case 'https':
      case 'http':
        return this.#overHttp(request, server, route);
    }
  }

  /** The runtime whose TCP connections are of the route's transport: 'tcp' or 'tls'. */
  async streamRuntime(
    server: Server,
    { transport, tls }: Route,
  ): Promise<Result<Runtime, TlsSetupError>> {
    const { runtime } = this.#context;
    if (transport !== 'tls') return success(runtime);
    const terms = this.#tlsOf(server, tls);
    if (!terms.ok) return terms;
    return success(overTls(runtime, await this.#loadSecure(), terms.value));
  }

  close(): void {
    for (const pool of this.#pools.values()) pool.close();
    for (const connection of this.#http.values()) connection.close();
  }

  #overStream(runtime: Runtime, request: ExchangeRequest, key: string): Promise<Exchange> {
    // dig gives a connection no more time than it was told to.
    const timeoutMs = request.timeoutMs / clientLimits.tcpTimeFactor;
    const single: ExchangeRequest = { ...request, tcp: true, timeoutMs };
    if (!this.#context.keepOpen) return exchange(runtime, single);
    let pool = this.#pools.get(key);
    if (!pool) {
      pool = new ConnectionPool(runtime, POOL_LIMITS);
      this.#pools.set(key, pool);
    }
    return exchange(runtime, { ...single, connections: pool });
  }

  async #overHttp(request: ExchangeRequest, server: Server, route: Route): Promise<Exchange> {
    const { runtime, keepOpen } = this.#context;
    const deadline = new AbortController();
    const timer = runtime.clock.schedule(request.timeoutMs, () => deadline.abort());
    let connection: HttpConnection | undefined;
    try {
      connection = await this.#connectHttp(request, server, { route, signal: deadline.signal });
      const { path, method } = route.https;
      const scheme = route.transport === 'http' ? 'http' : 'https';
      const authority = authorityOf(server, route);
      const { edns = false } = request;
      const how = { connection, scheme, authority, path, method, edns } as const;
      return await exchangeHttps(runtime, request, how);
    } catch (error) {
      return deadline.signal.aborted ? { kind: 'timeout', ignored: 0 } : unreachable('tcp', error);
    } finally {
      timer.cancel();
      if (!keepOpen) connection?.close();
    }
  }

  async #connectHttp(
    request: ExchangeRequest,
    server: Server,
    { route, signal }: { readonly route: Route; readonly signal: AbortSignal },
  ): Promise<HttpConnection> {
    const key = keyOf(server, route);
    const known = this.#http.get(key);
    if (known?.isOpen === true) return known;
    const tls = route.transport === 'http' ? success(undefined) : this.#tlsOf(server, route.tls);
    if (!tls.ok) throw tls.error;
    const secure = await this.#loadSecure();
    const connection = await secure.connectHttp(server.endpoint, {
      tls: tls.value,
      signal,
      ...localOf(request),
    });
    if (this.#context.keepOpen) this.#http.set(key, connection);
    return connection;
  }

  #loadSecure(): Promise<SecureNetwork> {
    return (this.#secure ??= this.#context.loadSecureNetwork());
  }

  #tlsOf(server: Server, tls: TlsSettings): Result<TlsRoute, TlsSetupError> {
    const serverName = tls.hostName ?? server.label;
    const key = JSON.stringify([serverName, tls]);
    const known = this.#terms.get(key);
    if (known) return success({ terms: known, serverName });
    const terms = this.#readTerms(serverName, tls);
    if (!terms.ok) return terms;
    this.#terms.set(key, terms.value);
    return success({ terms: terms.value, serverName });
  }

  #readTerms(name: string, settings: TlsSettings): Result<TlsTerms, TlsSetupError> {
    const { isStrict, caFile, certificateFile, keyFile } = settings;
    if ((certificateFile === undefined) !== (keyFile === undefined)) {
      const problem = 'both TLS client certificate and key file must be specified a the same time';
      return failure(new TlsSetupError(problem));
    }
    const texts: (string | undefined)[] = [];
    for (const path of [caFile, certificateFile, keyFile]) {
      const text = path === undefined ? success(undefined) : this.#context.readFile(path);
      if (!text.ok) {
        const detail = `${path}: ${text.error}`;
        return failure(new TlsSetupError('TLS context cannot be created', detail));
      }
      texts.push(text.value);
    }
    const [authorities, certificates, key] = texts;
    return success({
      proof: isStrict ? { name, authorities } : undefined,
      identity: certificates !== undefined && key !== undefined ? { certificates, key } : undefined,
    });
  }
}

type TlsRoute = Pick<ConnectTlsOptions, 'terms' | 'serverName'>;

function keyOf({ endpoint, label }: Server, { transport, tls }: Route): string {
  return JSON.stringify([transport, endpoint, label, tls]);
}

/** Host and port of the URL, as dig makes it: what stood behind '@'. */
function authorityOf({ endpoint, label }: Server, { transport, tls }: Route): string {
  const name = transport === 'https' ? (tls.hostName ?? label) : label;
  const isDefault = endpoint.port === portFor({ port: undefined }, transport);
  if (endpointFamily(name) !== undefined) {
    const place = formatEndpoint({ address: name, port: endpoint.port });
    return isDefault ? place.slice(0, place.lastIndexOf(':')) : place;
  }
  return isDefault ? name : `${name}:${endpoint.port}`;
}
