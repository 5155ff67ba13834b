/** The `+options` that decide what is shown, and how. */

import { RRType } from '../wire/iana.ts';
import { tryNumber } from './numbers.ts';
import { ednsToggle, option, toggle, type PlusOption } from './plus-option.ts';
import { ExitStatus, type LookupDraft } from './reading.ts';

/** dig breaks base64 in groups of four digits. */
const SPLIT_UNIT = 4;
const MAX_SPLIT = 1023;

/** All but the answer section. */
function showSections(lookup: LookupDraft, isOn: boolean): void {
  lookup.showsQuestion = isOn;
  lookup.showsAuthority = isOn;
  lookup.showsAdditional = isOn;
  lookup.showsComments = isOn;
  lookup.showsStats = isOn;
}

const comments = option(
  { name: 'comments', least: 3, help: 'Show the header, EDNS and the names of sections' },
  (reading, { isOn }) => {
    reading.lookup.showsComments = isOn;
    if (reading.lookup === reading.base) reading.transferShows.comments = isOn;
  },
);

const question = option(
  { name: 'question', least: 2, help: 'Show the question section' },
  (reading, { isOn }) => {
    reading.lookup.showsQuestion = isOn;
    if (reading.lookup === reading.base) reading.transferShows.question = isOn;
  },
);

const split = option(
  { name: 'split', least: 2, value: '=##', help: 'Break hexadecimal and base64 into pieces' },
  (reading, { isOn, value }) => {
    if (!isOn) {
      reading.globals.splitWidth = 0;
      return value === undefined ? undefined : 'invalid';
    }
    if (value === undefined) return undefined;
    const width = tryNumber(reading, value, { what: 'split', max: MAX_SPLIT });
    if (width === undefined) {
      // dig has rounded what was none before it looks.
      reading.printError(`;; Warning, split must be a multiple of ${SPLIT_UNIT}; adjusting to 0\n`);
      return reading.refuse("Couldn't parse split", ExitStatus.badValue);
    }
    const rounded = Math.ceil(width / SPLIT_UNIT) * SPLIT_UNIT;
    if (rounded !== width) {
      reading.printError(
        `;; Warning, split must be a multiple of ${SPLIT_UNIT}; adjusting to ${rounded}\n`,
      );
    }
    reading.globals.splitWidth = rounded;
    return undefined;
  },
);

const short = option(
  { name: 'short', least: 4, isGlobal: true, help: 'Show the data of answers and nothing else' },
  ({ globals, lookup }, { isOn }) => {
    globals.short = isOn;
    if (!isOn) return;
    globals.showsCommand = false;
    showSections(lookup, false);
    lookup.showsAnswer = true;
    lookup.recordComments = false;
  },
);

const all = option(
  { name: 'all', least: 2, help: 'Show or hide everything that can be' },
  ({ globals, lookup }, { isOn }) => {
    showSections(lookup, isOn);
    lookup.showsAnswer = isOn;
    globals.showsCommand = isOn;
  },
);

const yaml = option(
  { name: 'yaml', least: 1, isGlobal: true, help: 'Show replies as YAML' },
  ({ globals, lookup }, { isOn }) => {
    globals.yaml = isOn;
    if (!isOn) return;
    globals.showsCommand = false;
    lookup.showsStats = false;
    lookup.recordComments = false;
  },
);

const dns64prefix = option(
  { name: 'dns64prefix', least: 4, help: 'Show the prefixes of NAT64 in this network' },
  (reading, { isOn }) => {
    if (!isOn) return;
    reading.addLookup('ipv4only.arpa');
    reading.globals.showsCommand = false;
    const { lookup } = reading;
    showSections(lookup, false);
    lookup.showsAnswer = true;
    lookup.dns64Prefix = true;
    lookup.recordComments = false;
    lookup.type = RRType.AAAA;
    lookup.isTypeNamed = true;
  },
);

export const DISPLAY_OPTIONS: readonly PlusOption[] = [
  toggle('showsAdditional', { name: 'additional', least: 3, help: 'Show the additional section' }),
  all,
  toggle('showsAnswer', { name: 'answer', least: 2, help: 'Show the answer section' }),
  toggle('showsAuthority', { name: 'authority', least: 2, help: 'Show the authority section' }),
  toggle('showsClass', {
    name: 'class',
    least: 2,
    aliases: [{ name: 'cl', least: 2 }],
    help: 'Show the class of records',
  }),
  option(
    { name: 'cmd', least: 2, isGlobal: true, help: 'Show the command line' },
    ({ globals }, { isOn }) => {
      globals.showsCommand = isOn;
    },
  ),
  comments,
  toggle('showsCrypto', { name: 'crypto', least: 2, help: 'Show keys and signatures' }),
  dns64prefix,
  toggle('expandsAaaa', { name: 'expandaaaa', least: 4, help: 'Show IPv6 addresses in full' }),
  ednsToggle('explains', {
    name: 'explain',
    least: 4,
    help: 'Ask a ts-dns server how it comes to its answer',
  }),
  toggle('identifies', { name: 'identify', least: 3, help: 'Say which server sent each reply' }),
  toggle('idnOut', { name: 'idnout', least: 4, help: 'Show A-labels as Unicode [on a terminal]' }),
  option(
    { name: 'json', least: 1, isGlobal: true, help: 'Print one JSON object a lookup' },
    ({ globals }, { isOn }) => {
      globals.json = isOn;
    },
  ),
  toggle('multiline', { name: 'multiline', least: 2, help: 'Show long data over several lines' }),
  toggle('oneSoa', { name: 'onesoa', least: 2, help: 'Show the SOA of a transfer once' }),
  toggle('showsQuery', { name: 'qr', least: 2, help: 'Show the query too' }),
  question,
  option(
    { name: 'rrcomments', least: 2, help: 'Comment keys and other records' },
    ({ lookup }, { isOn }) => {
      lookup.recordComments = isOn;
    },
  ),
  short,
  toggle('showsBadCookie', {
    name: 'showbadcookie',
    least: 5,
    help: 'Show a BADCOOKIE reply before the query is sent again',
  }),
  split,
  toggle('showsStats', {
    name: 'stats',
    least: 2,
    help: 'Show time, server and size of the reply',
  }),
  toggle('showsTtl', {
    name: 'ttlid',
    least: 4,
    aliases: [{ name: 'ttl', least: 3 }],
    help: 'Show the TTL of records',
  }),
  option(
    { name: 'ttlunits', least: 4, help: 'Show TTLs in weeks, days, hours, minutes and seconds' },
    ({ lookup }, { isOn }) => {
      lookup.showsTtl = true;
      lookup.ttlUnits = isOn;
    },
  ),
  toggle('unknownFormat', {
    name: 'unknownformat',
    least: 3,
    help: 'Show data in the form of unknown types (RFC 3597)',
  }),
  yaml,
];
