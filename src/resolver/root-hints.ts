/**
 * The servers of the root zone (RFC 9609): where a resolver starts that knows nothing else. The
 * "Root Hints File" of IANA, version 2023112702.
 */

import type { DnsName } from '../wire/name.ts';
import { nameOf } from '../wire/name-text.ts';

export interface RootHint {
  readonly name: DnsName;
  readonly addresses: readonly string[];
}

export const rootHints: readonly RootHint[] = [
  {
    name: nameOf('a.root-servers.net.'),
    addresses: ['198.41.0.4', '2001:503:ba3e::2:30'],
  },
  {
    name: nameOf('b.root-servers.net.'),
    addresses: ['170.247.170.2', '2801:1b8:10::b'],
  },
  {
    name: nameOf('c.root-servers.net.'),
    addresses: ['192.33.4.12', '2001:500:2::c'],
  },
  {
    name: nameOf('d.root-servers.net.'),
    addresses: ['199.7.91.13', '2001:500:2d::d'],
  },
  {
    name: nameOf('e.root-servers.net.'),
    addresses: ['192.203.230.10', '2001:500:a8::e'],
  },
  {
    name: nameOf('f.root-servers.net.'),
    addresses: ['192.5.5.241', '2001:500:2f::f'],
  },
  {
    name: nameOf('g.root-servers.net.'),
    addresses: ['192.112.36.4', '2001:500:12::d0d'],
  },
  {
    name: nameOf('h.root-servers.net.'),
    addresses: ['198.97.190.53', '2001:500:1::53'],
  },
  {
    name: nameOf('i.root-servers.net.'),
    addresses: ['192.36.148.17', '2001:7fe::53'],
  },
  {
    name: nameOf('j.root-servers.net.'),
    addresses: ['192.58.128.30', '2001:503:c27::2:30'],
  },
  {
    name: nameOf('k.root-servers.net.'),
    addresses: ['193.0.14.129', '2001:7fd::1'],
  },
  {
    name: nameOf('l.root-servers.net.'),
    addresses: ['199.7.83.42', '2001:500:9f::42'],
  },
  {
    name: nameOf('m.root-servers.net.'),
    addresses: ['202.12.27.33', '2001:dc3::35'],
  },
];
