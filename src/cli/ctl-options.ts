/** What the command line of `ts-dns ctl` says. */

export const DEFAULT_CONTROL = '/run/ts-dns/control';

export interface CtlOptions {
  readonly control: string;
  readonly json?: boolean;
}

/** A request as the socket takes it. */
export type CtlRequest = Readonly<Record<string, unknown>> & { readonly command: string };
