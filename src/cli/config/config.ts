/** A configuration file as values. What is absent has the default that `schema.ts` tells. */

import type { AnyPolicy } from '../../app/route.ts';
import type { TransferLimits } from '../../authority/transfer-out.ts';
import type { CacheLimits } from '../../cache/limits.ts';
import type { Endpoint } from '../../net/ports.ts';
import type { UdpIo } from '../../net/real/runtime.ts';
import type { AddressPrefix } from '../../query/address-prefix.ts';
import type { CookiePolicy } from '../../query/clients.ts';
import type { LateReplyLimits } from '../../query/late-replies.ts';
import type { ResponseRateLimits } from '../../query/response-rate.ts';
import type { ResolverLimits } from '../../resolver/limits.ts';
import type { ResolverOptions } from '../../resolver/resolver.ts';
import type { TcpLimits } from '../../server/tcp-limits.ts';
import type { DnsName } from '../../wire/name.ts';
import type { LogLevel } from '../logger.ts';

export interface Config {
  readonly listen?: readonly Endpoint[];
  readonly io?: UdpIo;
  readonly workers?: number;
  readonly logLevel?: LogLevel;
  readonly zones?: readonly ConfigZone[];
  readonly zoneFolders?: readonly string[];
  readonly secondaries?: readonly ConfigSecondary[];
  readonly answers?: ConfigAnswers;
  readonly identity?: ConfigIdentity;
  readonly recursion?: boolean;
  readonly access?: ConfigAccess;
  readonly clients?: ConfigClients;
  readonly resolver?: ConfigResolver;
  readonly keys?: readonly ConfigKey[];
  readonly transfers?: Partial<TransferLimits>;
  readonly control?: string;
  readonly cacheFile?: string;
  readonly queryLog?: string;
}

export interface ConfigZone {
  readonly file: string;
  readonly origin?: DnsName | undefined;
  readonly transfer?: ConfigPermission;
  readonly update?: ConfigPermission;
  readonly journal?: string;
  readonly notify?: boolean;
  readonly alsoNotify?: readonly Endpoint[];
}

/** A zone that comes from elsewhere. */
export interface ConfigSecondary {
  readonly zone: DnsName;
  readonly primaries: readonly ConfigPrimary[];
  readonly file: string;
  readonly transfer?: ConfigPermission;
  /** Whose updates are passed on to the primary. */
  readonly update?: ConfigPermission;
  readonly notifyFrom?: ConfigPermission;
  readonly notify?: boolean;
  readonly alsoNotify?: readonly Endpoint[];
}

export interface ConfigPrimary {
  readonly server: Endpoint;
  readonly key?: DnsName;
}

/** Prefixes of addresses, and keys. */
export type ConfigPermission = readonly (AddressPrefix | { readonly key: DnsName })[];

/** Its secret stands here or in a file. */
export interface ConfigKey {
  readonly name?: DnsName;
  readonly algorithm?: string;
  readonly secret?: string;
  readonly file?: string;
}

export interface ConfigAnswers {
  readonly any?: AnyPolicy;
  readonly minimal?: boolean;
  readonly rotate?: boolean;
  /** Of finished answers. */
  readonly cacheOctets?: number;
}

export interface ConfigIdentity {
  readonly id?: string;
  readonly version?: string;
}

export interface ConfigAccess {
  readonly recursion?: readonly AddressPrefix[];
  readonly explain?: readonly AddressPrefix[];
  readonly refuse?: readonly AddressPrefix[];
  readonly drop?: readonly AddressPrefix[];
  readonly transfer?: ConfigPermission;
}

export interface ConfigClients {
  readonly cookies?: CookiePolicy;
  readonly cookieSecrets?: readonly Uint8Array[];
  readonly rateLimit?: Partial<ResponseRateLimits>;
  readonly lateReplies?: Partial<LateReplyLimits>;
  readonly tcp?: Partial<TcpLimits>;
}

/** Options of the resolver that `app` decides, or that have another form in a file. */
type OwnForm = 'runtime' | 'logger' | 'rootHints' | 'cacheLimits' | 'connectionLimits';

export type ConfigResolver = Partial<Omit<ResolverOptions, OwnForm>> & {
  readonly rootHints?: string;
  readonly limits?: Partial<ResolverLimits>;
  readonly cache?: Partial<CacheLimits>;
};
