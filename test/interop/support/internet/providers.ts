/** One company in each top-level domain whose servers other people's domains name. */
import { domainHosts, type AuthorityHost } from './hosts.ts';

export interface ProviderName {
  readonly server: string;
  readonly host: AuthorityHost;
  readonly address: string;
}

export function providerNames(top: string): readonly ProviderName[] {
  return domainHosts.flatMap((host, i) =>
    host.addresses
      .filter((address) => !address.includes(':'))
      .map((address, j) => ({ server: `ns${i}${j}.prov.${top}`, host, address })),
  );
}
