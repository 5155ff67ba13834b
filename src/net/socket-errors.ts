/**
 * The one wording of failures to open a socket, shared by the real network and the simulated one,
 * so that what a user reads names the thing and the place, and tests hold on both.
 */

import { formatEndpoint } from './address.ts';
import { BindError, ConnectError } from './errors.ts';
import type { Endpoint } from './ports.ts';

export type Transport = 'udp' | 'tcp';

/** The operating system's error codes that a user can do something about. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EADDRINUSE', 'address already in use'],
  ['EADDRNOTAVAIL', 'address not available on this machine'],
  ['EAFNOSUPPORT', 'address family not supported on this machine'],
  ['EMFILE', 'too many open files'],
  ['ENFILE', 'too many open files'],
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'connection reset'],
  ['ETIMEDOUT', 'timed out'],
  ['ENETUNREACH', 'network unreachable'],
  ['EHOSTUNREACH', 'host unreachable'],
  ['EINVAL', 'not a usable address'],
]);

/** A failed system call as Node reports it and as the simulation imitates it. */
export class SocketFailure extends Error {
  readonly code: string;

  constructor(code: string, operation: string) {
    super(`${operation} ${code}: ${REASONS.get(code) ?? 'failed'}`);
    this.name = 'SocketFailure';
    this.code = code;
  }
}

export function bindError(local: Endpoint, transport: Transport, cause: unknown): BindError {
  const place = `${formatEndpoint(local)} (${transport})`;
  return new BindError(`cannot listen on ${place}: ${reasonOf(cause)}`, { cause });
}

export function connectError(remote: Endpoint, cause: unknown): ConnectError {
  const place = `${formatEndpoint(remote)} (tcp)`;
  return new ConnectError(`cannot connect to ${place}: ${reasonOf(cause)}`, { cause });
}

/** The `code` of a failed system call. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function reasonOf(cause: unknown): string {
  const known = REASONS.get(codeOf(cause) ?? '');
  if (known !== undefined) return known;
  return cause instanceof Error ? cause.message : String(cause);
}
