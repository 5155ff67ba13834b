/**
 * TLS over `node:tls`, for DNS (RFC 7858) and below HTTP/2. Loaded when the first connection is
 * asked for, since OpenSSL's part of Node takes time to set up.
 */

import { readFileSync } from 'node:fs';
import { checkServerIdentity, connect, type ConnectionOptions, type TLSSocket } from 'node:tls';

import { endpointFamily, formatEndpoint } from '../address.ts';
import type { Endpoint, TcpConnection } from '../ports.ts';
import { CertificateError, type ConnectTlsOptions, type TlsTerms } from '../secure.ts';
import { codeOf, connectError, SocketFailure } from '../socket-errors.ts';
import type { BugReporter } from './bugs.ts';
import { RealConnection } from './tcp.ts';

/** ALPN's name for DNS over TLS (RFC 7858, IANA): some servers want it. */
const DNS_PROTOCOL = 'dot';

export async function connectTls(
  remote: Endpoint,
  options: ConnectTlsOptions,
  onBug: BugReporter,
): Promise<TcpConnection> {
  return new RealConnection(await openTls(remote, options, DNS_PROTOCOL), onBug);
}

/** The socket after the handshake; with `protocol` agreed on, or none. */
export function openTls(
  remote: Endpoint,
  options: ConnectTlsOptions,
  protocol: string,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const { signal, localAddress, localPort, terms, serverName } = options;
    if (signal?.aborted === true || endpointFamily(remote.address) === undefined) {
      const cause = signal?.aborted === true ? new Error('aborted') : INVALID_ADDRESS;
      reject(connectError(remote, cause));
      return;
    }
    const socket = connectSocket(remote, reject, {
      host: remote.address,
      port: remote.port,
      ALPNProtocols: [protocol],
      // Node's types forget that these go to the TCP socket.
      ...(localAddress !== undefined && { localAddress }),
      ...(localPort !== undefined && { localPort }),
      // An address is no name that SNI may carry (RFC 6066 §3).
      ...(endpointFamily(serverName) === undefined && { servername: withoutDot(serverName) }),
      ...certificateOptions(terms),
    });
    if (!socket) return;
    // The option of that name is lost on the way to the TCP socket.
    socket.setNoDelay(true);
    const abort = (): void => fail(new Error('aborted', { cause: signal?.reason }));
    const fail = (cause: unknown): void => {
      signal?.removeEventListener('abort', abort);
      socket.destroy();
      reject(failureOf(remote, cause, terms));
    };
    socket.on('error', fail);
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('secureConnect', () => {
      signal?.removeEventListener('abort', abort);
      // Until whoever gets the socket listens, an error would end the process.
      socket.on('error', () => {});
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

const INVALID_ADDRESS = new SocketFailure('EINVAL', 'connect');

/** Undefined after a throw: keys and certificates that cannot be read are found at once. */
function connectSocket(
  remote: Endpoint,
  reject: (error: Error) => void,
  options: ConnectionOptions,
): TLSSocket | undefined {
  try {
    return connect(options);
  } catch (error) {
    reject(connectError(remote, error));
    return undefined;
  }
}

function certificateOptions({ proof, identity }: TlsTerms): ConnectionOptions {
  const own = identity && { cert: identity.certificates, key: identity.key };
  if (!proof) return { ...own, rejectUnauthorized: false };
  const ca = proof.authorities ?? systemAuthorities();
  return {
    ...own,
    ...(ca !== undefined && { ca }),
    rejectUnauthorized: true,
    // By default Node checks the name of SNI, which need not be the one that is to be proven.
    checkServerIdentity: (_name, certificate) =>
      checkServerIdentity(withoutDot(proof.name), certificate),
  };
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, '');
}

function failureOf(remote: Endpoint, cause: unknown, { proof }: TlsTerms): Error {
  const reason = proof && certificateReason(cause, proof.name);
  if (reason === undefined) return connectError(remote, inPlainWords(cause));
  const place = formatEndpoint(remote);
  const message = `TLS peer certificate verification for ${place} failed: ${reason}`;
  return new CertificateError(message, reason, { cause });
}

/** OpenSSL's errors name its source files, and end in a newline: the reason alone is for people. */
function inPlainWords(cause: unknown): unknown {
  if (!(cause instanceof Error) || codeOf(cause)?.startsWith('ERR_SSL_') !== true) return cause;
  const reason = 'reason' in cause ? String(cause.reason) : '';
  return reason === '' ? cause : new Error(`TLS: ${reason}`, { cause });
}

/** In OpenSSL's words, as dig has them; undefined where it is not the certificate that is wrong. */
function certificateReason(cause: unknown, name: string): string | undefined {
  const code = codeOf(cause);
  if (!(cause instanceof Error) || code === undefined) return undefined;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return endpointFamily(name) === undefined ? 'hostname mismatch' : 'IP address mismatch';
  }
  // Which OpenSSL says behind the other, and Node tells only the last.
  if (code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE') return 'unable to get local issuer certificate';
  return VERIFY_CODE.test(code) ? cause.message : undefined;
}

/** The codes of X509_verify_cert as Node spells them: 'CERT_HAS_EXPIRED'. */
const VERIFY_CODE =
  /CERT|^CRL_|ISSUER|SIGNATURE|SELF_SIGNED|^(INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|HOSTNAME)/;

/** Files in which systems keep the certificates of authorities, of Debian, Fedora, Alpine. */
const AUTHORITY_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];

/** Undefined: there are none, and Node's own list counts. */
function systemAuthorities(): string | undefined {
  for (const path of AUTHORITY_FILES) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      // The next system's.
    }
  }
  return undefined;
}
