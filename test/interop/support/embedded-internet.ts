/** Reads `zones/internet.json`: which zone file is served by which address. */
import { readFileSync } from 'node:fs';

import { zonesFolder } from './ts-dns.ts';

export interface InternetServer {
  readonly name: string;
  readonly address: string;
  readonly zones: readonly string[];
}

export interface Internet {
  readonly port: number;
  readonly resolver: string;
  readonly rootHints: string;
  readonly servers: readonly InternetServer[];
}

export function readInternet(): Internet {
  return JSON.parse(readFileSync(`${zonesFolder}/internet.json`, 'utf8')) as Internet;
}

export type Question = readonly [name: string, type: string];

/** Questions that together meet every phenomenon of the embedded internet, as dig's arguments. */
export const embeddedQuestions: readonly Question[] = [
  ['www.example.com', 'A'],
  ['www.example.com', 'AAAA'],
  ['www.example.com', 'HTTPS'],
  ['example.com', 'MX'],
  ['example.com', 'CAA'],
  ['pool.example.com', 'A'],
  ['six.example.com', 'A'],
  ['six.example.com', 'AAAA'],
  ['ftp.example.com', 'A'],
  ['deep.example.com', 'A'],
  ['any.wild.example.com', 'A'],
  ['big.example.com', 'TXT'],
  ['_sip._udp.example.com', 'SRV'],
  ['phone.example.com', 'NAPTR'],
  ['unknown.example.com', 'TYPE65280'],
  ['first\\.last.example.com', 'TXT'],
  ['nothing-here.example.com', 'A'],
  ['google.com', 'A'],
  ['google.com', 'MX'],
  ['maps.google.com', 'A'],
  ['engineering.nyu.com', 'MX'],
  ['engineering.nyu.edu', 'A'],
  ['www.engineering.nyu.edu', 'A'],
  ['cs.engineering.nyu.edu', 'A'],
  ['nyu.edu', 'NS'],
  ['www.example.org', 'A'],
  ['alias.example.com', 'A'],
  ['dangling.example.com', 'A'],
  ['www.lame.example.net', 'A'],
  ['broken.example.net', 'A'],
  ['loop.example.com', 'A'],
  ['x.y.students.example.edu', 'A'],
  ['bob.students.example.edu', 'MX'],
  ['www.bob.students.example.edu', 'A'],
  ['lab.students.example.edu', 'A'],
  ['anna.pages.example.edu', 'A'],
  ['never.ttl.example.org', 'A'],
  ['five-seconds.ttl.example.org', 'A'],
  ['a-day.ttl.example.org', 'A'],
  ['alias.ttl.example.org', 'A'],
  ['80.2.0.192.in-addr.arpa', 'PTR'],
  ['41.100.51.198.in-addr.arpa', 'PTR'],
  ['100.113.0.203.in-addr.arpa', 'PTR'],
  ['0.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa', 'PTR'],
  ['no-such-domain.com', 'A'],
  ['no-such-tld', 'A'],
];
