/** The `+options` that decide what is asked: header, EDNS, and how often. */

import { Opcode, RRType } from '../wire/iana.ts';
import { readClientSubnet, readEdnsOption } from './edns-values.ts';
import { readHex, readNumber, tryNumber } from './numbers.ts';
import { ednsToggle, option, toggle, type PlusOption } from './plus-option.ts';
import { ExitStatus } from './reading.ts';

const MAX_U16 = 0xffff;
const MAX_U32 = 0xffff_ffff;
const MAX_PADDING = 512;
/** Digits of a cookie that dig takes. */
const MAX_COOKIE_DIGITS = 80;

const trace = option(
  {
    name: 'trace',
    least: 3,
    value: '[=steps|dot]',
    help: 'Walk the delegations from the root; show steps, or a graph for Graphviz',
  },
  ({ globals, lookup }, { isOn, value }) => {
    lookup.trace = isOn;
    // As dig, which reads over any value.
    lookup.traceForm = value === 'steps' || value === 'dot' ? value : undefined;
    if (!isOn) return undefined;
    lookup.rd = true;
    lookup.identifies = true;
    lookup.showsComments = false;
    lookup.recordComments = undefined;
    lookup.showsStats = false;
    lookup.showsAdditional = false;
    lookup.showsAuthority = true;
    lookup.showsQuestion = false;
    lookup.dnssecOk = true;
    lookup.sendsCookie = true;
    globals.usesSearchList = false;
    return undefined;
  },
);

const nssearch = option(
  { name: 'nssearch', least: 3, help: 'Ask all name servers of the zone for its SOA' },
  ({ globals, lookup }, { isOn }) => {
    lookup.nsSearch = isOn;
    if (!isOn) return;
    lookup.rd = true;
    lookup.identifies = true;
    lookup.showsStats = false;
    lookup.showsComments = false;
    lookup.showsAdditional = false;
    lookup.showsAuthority = false;
    lookup.showsQuestion = false;
    lookup.type = RRType.NS;
    lookup.isTypeNamed = true;
    lookup.recordComments = undefined;
    globals.short = true;
  },
);

const cookie = option(
  { name: 'cookie', least: 3, value: '[=###]', help: 'Send a cookie [on]' },
  (reading, { isOn, value }) => {
    const { lookup } = reading;
    if (isOn) lookup.ednsVersion ??= 0;
    lookup.sendsCookie = isOn;
    if (value !== undefined && value.length > MAX_COOKIE_DIGITS) {
      reading.refuse('COOKIE data too large', ExitStatus.badValue);
    }
    lookup.cookie = value === undefined ? undefined : readHex(reading, value);
  },
);

const edns = option(
  { name: 'edns', least: 4, value: '[=###]', help: 'Set the version of EDNS [0]' },
  (reading, { isOn, value }) => {
    reading.lookup.ednsVersion = isOn
      ? readNumber(reading, value ?? '0', { what: 'edns', max: 0xff })
      : undefined;
  },
);

const bufsize = option(
  {
    name: 'bufsize',
    least: 2,
    value: '[=###]',
    negatable: false,
    help: 'Set the largest UDP message that is taken [1232]',
  },
  (reading, { isOn, value }) => {
    if (!isOn) return 'invalid';
    reading.lookup.udpPayloadSize =
      value === undefined
        ? undefined
        : readNumber(reading, value, { what: 'buffer size', max: MAX_U16 });
    return undefined;
  },
);

const ednsflags = option(
  { name: 'ednsflags', least: 5, value: '=###', negatable: false, help: 'Set flag bits of EDNS' },
  (reading, { isOn, value }) => {
    const { lookup } = reading;
    lookup.ednsFlags = 0;
    if (!isOn || value === undefined) return;
    const kind = { what: 'ednsflags', max: MAX_U16, anyBase: true };
    lookup.ednsFlags = readNumber(reading, value, kind);
    lookup.ednsVersion ??= 0;
  },
);

const ednsopt = option(
  {
    name: 'ednsopt',
    least: 5,
    value: '=###[:value]',
    help: 'Send an EDNS option, by name or number, with a value in hexadecimal',
  },
  (reading, { isOn, value }) => {
    const { lookup } = reading;
    lookup.ednsOptions = isOn ? [...lookup.ednsOptions, readEdnsOption(reading, value)] : [];
  },
);

const OPCODES: ReadonlyMap<string, number> = new Map(
  ['QUERY', 'IQUERY', 'STATUS', '', 'NOTIFY', 'UPDATE'].map((name, code) => [name, code]),
);

const opcode = option(
  { name: 'opcode', least: 2, value: '=###', help: 'Set the opcode, by name or number' },
  (reading, { isOn, value }) => {
    const { lookup } = reading;
    if (!isOn) {
      lookup.opcode = Opcode.QUERY;
      return undefined;
    }
    if (value === undefined) return 'invalid';
    const reserved = /^RESERVED([0-9]+)$/i.exec(value)?.[1];
    lookup.opcode =
      OPCODES.get(value.toUpperCase()) ??
      readNumber(reading, reserved ?? value, { what: 'opcode', max: 15 });
    return undefined;
  },
);

const qid = option(
  { name: 'qid', least: 2, value: '=###', negatable: false, help: 'Set the id of the query' },
  (reading, { isOn, value }) => {
    reading.lookup.id = undefined;
    if (!isOn) return undefined;
    if (value === undefined) return 'invalid';
    reading.lookup.id = readNumber(reading, value, { what: 'qid', max: MAX_U16 });
    return undefined;
  },
);

const padding = option(
  {
    name: 'padding',
    least: 1,
    value: '=###',
    negatable: false,
    help: 'Pad the query to blocks of so many octets [0]',
  },
  (reading, { isOn, value }) => {
    if (isOn) reading.lookup.ednsVersion ??= 0;
    if (value === undefined) return 'invalid';
    reading.lookup.padding = readNumber(reading, value, { what: 'padding', max: MAX_PADDING });
    return undefined;
  },
);

const subnet = option(
  { name: 'subnet', least: 2, value: '=addr', help: 'Send the client’s subnet (RFC 7871)' },
  (reading, { isOn, value }) => {
    const { lookup } = reading;
    if (!isOn) {
      lookup.subnet = undefined;
      return undefined;
    }
    if (value === undefined) return 'invalid';
    lookup.ednsVersion ??= 0;
    lookup.subnet = readClientSubnet(reading, value);
    return undefined;
  },
);

/** Attempts in all, `extra` of which are not counted in the value. */
function attempts(name: string, least: number, about: AttemptsAbout): PlusOption {
  const { extra, what, help, aliases } = about;
  return option(
    { name, least, value: '=###', negatable: false, help, ...(aliases && { aliases }) },
    (reading, { isOn, value }) => {
      if (value === undefined || !isOn) return 'invalid';
      const count = readNumber(reading, value, { what, max: MAX_U32 - extra });
      reading.lookup.tries = Math.max(1, count + extra);
      return undefined;
    },
  );
}

interface AttemptsAbout {
  readonly extra: number;
  readonly what: string;
  readonly help: string;
  readonly aliases?: PlusOption['aliases'];
}

const MAX_TIMEOUT_SECONDS = 0xffff;

const timeout = option(
  {
    name: 'timeout',
    least: 2,
    value: '=###',
    negatable: false,
    isGlobal: true,
    help: 'Wait so many seconds for a reply [5, on a connection 10]',
  },
  (reading, { isOn, value }) => {
    if (value === undefined || !isOn) return 'invalid';
    const seconds = readNumber(reading, value, { what: 'timeout', max: MAX_TIMEOUT_SECONDS });
    reading.globals.timeoutMs = Math.max(1, seconds) * 1000;
    return undefined;
  },
);

const ndots = option(
  {
    name: 'ndots',
    least: 2,
    value: '=###',
    negatable: false,
    isGlobal: true,
    help: 'Take names with so many dots for complete',
  },
  (reading, { isOn, value }) => {
    if (value === undefined || !isOn) return 'invalid';
    reading.globals.ndots = readNumber(reading, value, { what: 'ndots', max: MAX_U16 });
    return undefined;
  },
);

const domain = option(
  {
    name: 'domain',
    least: 3,
    value: '=###',
    negatable: false,
    isGlobal: true,
    help: 'Complete names with this domain',
  },
  (reading, { isOn, value }) => {
    if (value === undefined || !isOn) return 'invalid';
    reading.globals.domain = value;
    return undefined;
  },
);

function searchOption(name: string, least: number, help: string): PlusOption {
  return option({ name, least, isGlobal: true, help }, ({ globals, lookup }, { isOn }) => {
    if (!lookup.trace) globals.usesSearchList = isOn;
  });
}

const showsearch = option(
  {
    name: 'showsearch',
    least: 5,
    isGlobal: true,
    help: 'Use the search list and show what does not exist too',
  },
  ({ globals, lookup }, { isOn }) => {
    if (lookup.trace) return;
    globals.showsSearch = isOn;
    globals.usesSearchList = isOn;
  },
);

const fuzztime = option(
  { name: 'fuzztime', least: 2, isHidden: true, value: '[=###]', help: 'Set the time of a TSIG' },
  (reading, { isOn, value }) => {
    if (!isOn) return;
    if (
      value !== undefined &&
      tryNumber(reading, value, { what: 'fuzztime', max: MAX_U32 }) === undefined
    ) {
      reading.refuse("Couldn't parse fuzztime", ExitStatus.badValue);
    }
    reading.unsupported('+fuzztime');
  },
);

export const QUERY_OPTIONS: readonly PlusOption[] = [
  toggle('aa', { name: 'aaflag', least: 2, help: 'Set the AA flag in the query' }),
  toggle('aa', { name: 'aaonly', least: 3, help: 'Set the AA flag in the query' }),
  toggle('ad', { name: 'adflag', least: 2, help: 'Set the AD flag in the query [on]' }),
  toggle('retriesBadCookie', {
    name: 'badcookie',
    least: 2,
    help: 'Ask again with the server’s cookie after BADCOOKIE [on]',
  }),
  toggle('isBestEffort', {
    name: 'besteffort',
    least: 2,
    help: 'Show what can be read of malformed messages [on]',
  }),
  bufsize,
  toggle('cd', { name: 'cdflag', least: 2, help: 'Set the CD flag in the query' }),
  toggle('compactOk', { name: 'coflag', least: 2, help: 'Take compact denials of existence' }),
  cookie,
  searchOption('defname', 2, 'Use the search list (+search)'),
  ednsToggle('dnssecOk', {
    name: 'dnssec',
    least: 4,
    aliases: [{ name: 'do', least: 2 }],
    help: 'Request DNSSEC records',
  }),
  domain,
  edns,
  ednsflags,
  toggle('negotiatesEdns', {
    name: 'ednsnegotiation',
    least: 5,
    help: 'Ask again with the EDNS version of the server [on]',
  }),
  ednsopt,
  toggle('expire', { name: 'expire', least: 4, help: 'Ask when the zone expires' }),
  toggle('stopsAtServfail', {
    name: 'fail',
    least: 2,
    help: 'Take SERVFAIL for an answer instead of asking the next server [on]',
  }),
  fuzztime,
  toggle('headerOnly', { name: 'header-only', least: 2, help: 'Send no question' }),
  toggle('idnIn', {
    name: 'idnin',
    least: 4,
    help: 'Turn names in Unicode into A-labels [on a terminal]',
  }),
  toggle('ignoresTruncation', {
    name: 'ignore',
    least: 1,
    help: 'Do not ask over TCP for what was truncated',
  }),
  toggle('keepalive', { name: 'keepalive', least: 5, help: 'Ask how long connections may last' }),
  ndots,
  ednsToggle('nsid', { name: 'nsid', least: 3, help: 'Request the identifier of the server' }),
  nssearch,
  opcode,
  padding,
  qid,
  toggle('ra', { name: 'raflag', least: 2, help: 'Set the RA flag in the query' }),
  toggle('rd', { name: 'rdflag', least: 2, help: 'Ask for recursion (+recurse) [on]' }),
  toggle('rd', { name: 'recurse', least: 3, help: 'Ask for recursion [on]' }),
  attempts('retry', 3, {
    extra: 1,
    what: 'retries',
    aliases: [{ name: 'retries', least: 3 }],
    help: 'Ask so many times more [2]',
  }),
  searchOption('search', 2, 'Use the search list'),
  showsearch,
  subnet,
  toggle('tc', { name: 'tcflag', least: 3, help: 'Set the TC flag in the query' }),
  timeout,
  trace,
  attempts('tries', 3, { extra: 0, what: 'tries', help: 'Ask so many times in all [3]' }),
  toggle('z', { name: 'zflag', least: 1, help: 'Set the Z flag in the query' }),
];
