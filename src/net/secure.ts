/**
 * The ports for encrypted transports: TLS as a stream like TCP (RFC 7858), and HTTP/2 (RFC 8484).
 * Apart from `Network`, because only a client that is told to uses them: the real ones are loaded
 * when somebody asks, and the simulated internet has none.
 */

import { DnsError } from './errors.ts';
import type { ConnectTcpOptions, Endpoint, TcpConnection } from './ports.ts';

export interface SecureNetwork {
  /**
   * Rejects with `ConnectError`: refused, unreachable, no TLS, or aborted; and with
   * `CertificateError` when the peer does not prove who it is.
   */
  connectTls(remote: Endpoint, options: ConnectTlsOptions): Promise<TcpConnection>;
  /** Rejects as `connectTls`, and when the peer does not speak HTTP/2. */
  connectHttp(remote: Endpoint, options: ConnectHttpOptions): Promise<HttpConnection>;
}

/** What the peer has to prove and what we can prove. */
export interface TlsTerms {
  /** Undefined: nothing, so that a liar in the path reads along (RFC 8310 §5, opportunistic). */
  readonly proof: PeerProof | undefined;
  /** Our own certificate chain and key, PEM. */
  readonly identity: { readonly certificates: string; readonly key: string } | undefined;
}

export interface PeerProof {
  /** The name or address that the certificate must have (RFC 8310 §8.1). */
  readonly name: string;
  /** Certificates of the authorities to trust, PEM; undefined: those of this machine. */
  readonly authorities: string | undefined;
}

export interface ConnectTlsOptions extends ConnectTcpOptions {
  readonly terms: TlsTerms;
  /** Told to the server (SNI), if it is a name and no address. */
  readonly serverName: string;
}

export interface ConnectHttpOptions extends ConnectTcpOptions {
  /** Undefined: without TLS. */
  readonly tls: Pick<ConnectTlsOptions, 'terms' | 'serverName'> | undefined;
}

/** One connection, of which any number of requests may be under way. */
export interface HttpConnection {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** False once it cannot take another request. */
  readonly isOpen: boolean;
  /** Rejects with `HttpError` or `ConnectError` when no whole reply comes. */
  request(request: HttpRequest, signal: AbortSignal): Promise<HttpReply>;
  close(): void;
}

export interface HttpRequest {
  readonly scheme: 'https' | 'http';
  /** Host and perhaps port, as in a URL. */
  readonly authority: string;
  readonly method: 'GET' | 'POST';
  /** With the query, if any. */
  readonly path: string;
  readonly accept: string;
  readonly body: { readonly type: string; readonly octets: Uint8Array } | undefined;
}

export interface HttpReply {
  readonly status: number;
  /** As it came: nothing in it is to be trusted. */
  readonly contentType: string | undefined;
  /** At most 65535 octets: longer ones are an `HttpError`. */
  readonly body: Uint8Array;
}

/** The peer has not proven that it is whom we asked for. */
export class CertificateError extends DnsError {
  readonly code = 'TSDNS_CERTIFICATE';
  /** The verifier's own words: 'self-signed certificate'. */
  readonly reason: string;

  constructor(message: string, reason: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** There was an HTTP reply, and it brought no DNS message. */
export class HttpError extends DnsError {
  readonly code = 'TSDNS_HTTP';
}
