/**
 * The addresses of one NS name that came without glue: lookups like any other, one level deeper,
 * on the same budget. IPv4 first; IPv6 when there is no IPv4 address and IPv6 may be used. And what
 * glue its own parent gave for it, for when those addresses fail.
 *
 * A name that is an alias is none for a server (RFC 2181 §10.3), but zones have them: one alias is
 * followed, at the price of a further NS name.
 */

import { DnsClass, Rcode, RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { asCaller, type Core, type Task } from './core.ts';

export interface FoundAddresses {
  readonly addresses: readonly string[];
  /** Why there is none, for people. */
  readonly problem?: string;
  /** The search ended for the sake of the caller's limits: the name itself may be all right. */
  readonly isCurtailed?: boolean;
}

export async function findAddresses(
  core: Core,
  name: DnsName,
  task: Task,
): Promise<FoundAddresses> {
  const asked = await findOnce(core, name, task);
  if (!asked.alias) return asked;
  if (!task.budget.spendNsName()) return { addresses: [], isCurtailed: true };
  const { alias, ...found } = await findOnce(core, asked.alias, task);
  return alias ? { addresses: [], problem: `${name.toString()} is an alias of an alias` } : found;
}

interface FoundOnce extends FoundAddresses {
  /** What stands there in place of addresses. */
  readonly alias?: DnsName;
}

async function findOnce(core: Core, name: DnsName, task: Task): Promise<FoundOnce> {
  const caller = asCaller(task, { depth: task.depth + 1 });
  for (const type of core.useIPv6 ? [RRType.A, RRType.AAAA] : [RRType.A]) {
    const result = await core.lookups.find({ name, type, class: DnsClass.IN }, caller);
    if (result.kind === 'failure') {
      // The servers that are silent about IPv4 addresses would be so about IPv6 ones.
      const isAboutName = result.reason === 'unanswered' || result.reason === 'cached';
      return { addresses: [], problem: result.text, isCurtailed: !isAboutName };
    }
    const [alias] = result.aliases;
    if (alias) return { addresses: [], alias: alias.target };
    if (result.end.kind === 'data') {
      const rdatas = result.end.rrsets.flatMap((rrset) => rrset.rdatas);
      const addresses = rdatas.flatMap((rdata) => core.mayAsk(rdata) ?? []);
      if (addresses.length > 0)
        return { addresses: addresses.slice(0, core.limits.addressesPerName) };
    }
    if (result.end.kind === 'negative' && result.end.rcode === Rcode.NXDOMAIN) {
      task.budget.addNsNxdomain();
      return { addresses: [], problem: `${name.toString()} does not exist` };
    }
  }
  return { addresses: [], problem: `${name.toString()} has no address` };
}

/**
 * The glue that came with the delegation of the name's own zone, or, where a cut at or above the
 * name is one that only its zone tells of, with the next delegation above. It passed the bailiwick
 * rule of that referral and is there only as long as the parent granted it; where another domain
 * delegates to this name, whatever glue came with that is not looked at.
 */
export function glueOf(core: Core, name: DnsName): readonly string[] {
  const { delegations } = core.cache;
  let delegation = delegations.closest(name);
  while (delegation) {
    const { zone, nameServers } = delegation;
    const server = nameServers.find((one) => one.name.equals(name));
    if (server) return server.addresses;
    delegation = delegations.closest(zone.parent);
  }
  return [];
}
