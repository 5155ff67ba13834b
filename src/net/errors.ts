/**
 * Operational failures: things that go wrong in the world, not in the protocol and not in the code.
 * Each class has a stable `code` for programs and a message that names the thing and the place.
 */

export abstract class DnsError extends Error {
  abstract readonly code: `TSDNS_${string}`;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A local address and port could not be opened: in use, not ours, or not allowed. */
export class BindError extends DnsError {
  readonly code = 'TSDNS_BIND';
}

/** A TCP connection could not be opened. */
export class ConnectError extends DnsError {
  readonly code = 'TSDNS_CONNECT';
}

/** Something could not be read from disk, or kept there. */
export class StorageError extends DnsError {
  readonly code = 'TSDNS_STORAGE';
}
