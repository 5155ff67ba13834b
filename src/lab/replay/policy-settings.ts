/**
 * The settings of a scenario about what the resolver answers out of what it has: local zones and
 * data, private addresses, TTL limits, stale answers, prefetch.
 */

import type { RecursionOptions } from '../../app/system.ts';
import { addressToBytes } from '../../net/address.ts';
import { DnsClass } from '../../wire/iana.ts';
import { DnsName } from '../../wire/name.ts';
import { nameOf } from '../../wire/name-text.ts';
import {
  absolute,
  addTo,
  isOff,
  prefixOf,
  setCacheLimits,
  setLimits,
  setOptions,
  type Draft,
  type Reader,
  type ServeStale,
} from './draft.ts';
import { parseRecord } from './record-text.ts';

type LocalZoneKind = NonNullable<RecursionOptions['localZones']>[number]['kind'];

export const POLICY_READERS: Readonly<Record<string, Reader>> = {
  'local-zone': ([name = '', type = ''], draft, needs) => {
    const kind = KINDS.get(type);
    if (kind) addTo(draft, 'localZones', { name: nameOf(absolute(name)), kind });
    else needs.add(`local zones of the type ${type}`);
  },
  'local-data': ([text = ''], draft, needs) => addRecord(draft, text, needs),
  'local-data-ptr': ([text = ''], draft, needs) => {
    const words = text.split(/\s+/);
    const octets = addressToBytes(words[0]!);
    addRecord(draft, `${octets ? reverseName(octets) : '?'} PTR ${words.at(-1)!}`, needs);
  },
  'private-address': ([prefix = ''], draft, needs) => {
    const parsed = prefixOf(prefix);
    if (parsed) addTo(draft, 'privateAddresses', parsed);
    else needs.add(`private-address ${prefix}`);
  },
  'private-domain': ([name = ''], draft) => addTo(draft, 'privateDomains', nameOf(absolute(name))),
  // How much one query may cost.
  'iter-scrub-cname': ([count], draft) => setLimits(draft, { aliases: Number(count) }),
  'max-query-restarts': ([count], draft) => setLimits(draft, { aliases: Number(count) }),
  'max-global-quota': ([count], draft) => setLimits(draft, { sends: Number(count) }),
  'outbound-msg-retry': ([count], draft) => {
    const tries = Math.max(1, Number(count));
    setLimits(draft, { triesPerAddress: tries, triesUnproven: tries });
  },
  // What we send so late is next to nothing, where Unbound sends nothing.
  'discard-timeout': ([ms], draft) => {
    draft.clients = { ...draft.clients, late: { afterMs: Number(ms) } };
  },
  'edns-tcp-keepalive-timeout': ([ms], draft) => {
    draft.tcp = { ...draft.tcp, idleMs: Number(ms) };
  },
  'cache-max-ttl': ([seconds], draft) => setCacheLimits(draft, { ttlSeconds: Number(seconds) }),
  'cache-min-ttl': ([seconds], draft) => setCacheLimits(draft, { ttlSecondsMin: Number(seconds) }),
  'cache-max-negative-ttl': ([seconds], draft) => {
    setCacheLimits(draft, { negativeTtlSeconds: Number(seconds) });
  },
  'cache-min-negative-ttl': ([seconds], draft) => {
    setCacheLimits(draft, { negativeTtlSecondsMin: Number(seconds) });
  },
  // Unbound refreshes what one client asked for.
  prefetch: (values, draft) => {
    if (isOff(values)) return;
    setOptions(draft, { prefetch: true });
    setLimits(draft, { popularHits: 1 });
  },
  'serve-expired': (values, draft) => {
    draft.servesStale = !isOff(values);
    // Unbound's, which no option changes.
    setStale(draft, { recheckSeconds: 5 });
  },
  // 0: without end.
  'serve-expired-ttl': ([seconds], draft) => {
    setStale(draft, { maxAgeSeconds: Number(seconds) || Infinity });
  },
  'serve-expired-reply-ttl': ([seconds], draft) => {
    setStale(draft, { answerTtlSeconds: Number(seconds) });
  },
  'serve-expired-client-timeout': ([ms], draft) => setStale(draft, { clientTimeoutMs: Number(ms) }),
};

/** Those of Unbound that we have, under our names for them. */
const KINDS: ReadonlyMap<string, LocalZoneKind> = new Map<string, LocalZoneKind>([
  ['static', 'static'],
  ['transparent', 'transparent'],
  ['typetransparent', 'typetransparent'],
  ['redirect', 'redirect'],
  ['refuse', 'refuse'],
  ['deny', 'deny'],
  ['always_transparent', 'always_transparent'],
  ['always_refuse', 'always_refuse'],
  ['always_deny', 'always_deny'],
  ['always_nxdomain', 'always_nxdomain'],
  ['always_nodata', 'always_nodata'],
  ['always_null', 'always_null'],
  ['block_a', 'block_a'],
  ['nodefault', 'nodefault'],
  // These write to the log as well.
  ['inform', 'transparent'],
  ['inform_deny', 'deny'],
  ['inform_redirect', 'redirect'],
]);

function addRecord(draft: Draft, text: string, needs: Set<string>): void {
  const context = { origin: DnsName.root, owner: undefined, isIndented: false };
  const record = parseRecord(text, context);
  if (record.ok && record.value.class !== DnsClass.IN) needs.add('local data of class CH or HS');
  else if (record.ok) addTo(draft, 'localData', record.value);
  else needs.add(`local data as ${text}`);
}

function setStale(draft: Draft, more: ServeStale): void {
  draft.serveStale = { ...draft.serveStale, ...more };
}

function reverseName(octets: Uint8Array): string {
  if (octets.length === 4) return `${octets.toReversed().join('.')}.in-addr.arpa.`;
  const nibbles = [...octets].flatMap((octet) => [octet >>> 4, octet & 0x0f]);
  const digits = nibbles.toReversed().map((nibble) => nibble.toString(16));
  return `${digits.join('.')}.ip6.arpa.`;
}
