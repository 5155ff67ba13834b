/** What dig says when a server gave no reply, in its words; and of replies that prove nothing. */

import type { Unanswered } from '../client/outcome.ts';
import { BindError, ConnectError } from '../net/errors.ts';
import { CertificateError, HttpError } from '../net/secure.ts';
import { codeOf } from '../net/socket-errors.ts';
import type { ReplyVerdict } from '../tsig/verify.ts';
import type { DnsName } from '../wire/name.ts';
import type { Output } from './output.ts';
import { TlsSetupError, type Server } from './transports.ts';

export type Failure =
  | { readonly kind: 'no reply' }
  /** Connections were refused, and the user has been told that no server could be reached. */
  | { readonly kind: 'no connection' }
  /** The user has been told why. */
  | { readonly kind: 'given up'; readonly why: 'nobody was asked' | 'the reply is none' };

/** Nobody was asked, because the server has not proven who it is or nobody could be asked. */
const NOBODY_ASKED: Failure = { kind: 'given up', why: 'nobody was asked' };

/** `127.0.0.1#53`. */
export function placeOf({ endpoint }: Server): string {
  return `${endpoint.address}#${endpoint.port}`;
}

/** As dig writes names in sentences. */
export function nameText(name: DnsName): string {
  return name.isRoot ? '.' : name.toString().slice(0, -1);
}

/** Says what went wrong, and how the lookup fails if no other attempt does better. */
export function remarkOn(
  output: Output,
  outcome: Unanswered,
  { server, name }: { readonly server: Server; readonly name: DnsName },
): Failure {
  const place = placeOf(server);
  switch (outcome.kind) {
    case 'unreachable':
      return remarkOnError(output, outcome.error, { server, name });
    case 'malformed':
      output.remark(`Got bad packet from ${place}: ${outcome.reason}`);
      break;
    case 'timeout':
    case 'cancelled':
    case 'out of budget':
      output.remark(`communications error to ${place}: timed out`);
  }
  return { kind: 'no reply' };
}

function remarkOnError(
  output: Output,
  error: Error,
  { server, name }: { readonly server: Server; readonly name: DnsName },
): Failure {
  const place = placeOf(server);
  if (error instanceof CertificateError) {
    output.remark(`TLS peer certificate verification for ${place} failed: ${error.reason}`);
    return NOBODY_ASKED;
  }
  if (error instanceof TlsSetupError) {
    output.remark(error.message);
    if (error.detail !== undefined) output.complain(error.detail);
    return NOBODY_ASKED;
  }
  if (error instanceof ConnectError) {
    const reason = reasonOf(error);
    output.remark(
      `Connection to ${place}(${server.label}) for ${nameText(name)} failed: ${reason}.`,
    );
    output.fail('no servers could be reached');
    return { kind: 'no connection' };
  }
  if (error instanceof BindError) {
    const where = `${place}(${server.label}) for ${nameText(name)}`;
    output.remark(`UDP setup with ${where} failed: ${reasonOf(error)}.`);
    output.fail('no servers could be reached');
    return { kind: 'no connection' };
  }
  const reason = error instanceof HttpError ? `failure (${error.message})` : reasonOf(error);
  output.remark(`communications error to ${place}: ${reason}`);
  return { kind: 'no reply' };
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'connection reset'],
  ['ENETUNREACH', 'network unreachable'],
  ['EHOSTUNREACH', 'host unreachable'],
  ['ETIMEDOUT', 'timed out'],
  ['EADDRNOTAVAIL', 'address not available'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EOF', 'end of file'],
  // Of port 0, which the network would answer so.
  ['ERR_SOCKET_BAD_PORT', 'connection refused'],
]);

function reasonOf(error: Error): string {
  // A `ConnectError` has a code of its own, and the system's in its cause.
  const codes = [codeOf(error.cause), codeOf(error)];
  const known = codes.map((code) => REASONS.get(code ?? '')).find((reason) => reason !== undefined);
  const { cause } = error;
  return known ?? (error instanceof ConnectError && cause instanceof Error ? cause : error).message;
}

/** Why a signed query's reply is not believed, as dig says it; undefined where it is. */
export function signatureProblem(verdict: ReplyVerdict): string | undefined {
  if (verdict.kind !== 'failed') return undefined;
  switch (verdict.why) {
    case 'error':
      return 'tsig indicates error';
    case 'unsigned':
      return 'expected a TSIG or SIG(0)';
    case 'bad time':
      return 'clocks are unsynchronized';
    case 'malformed':
      return 'form error';
    case 'bad key':
    case 'bad signature':
    case 'bad truncation':
      return 'tsig verify failure';
  }
}
