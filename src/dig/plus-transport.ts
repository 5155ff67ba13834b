/** The `+options` that decide how queries travel. */

import { option, type Apply, type PlusOption } from './plus-option.ts';
import { tryNumber } from './numbers.ts';
import { ExitStatus, type LookupDraft, type Mutable, type Reading } from './reading.ts';
import type { TlsSettings } from './settings.ts';

const tcp: Apply = (reading, { isOn }) => {
  if (reading.isFile) return;
  reading.lookup.way.usesTcp = isOn;
  reading.lookup.way.isTcpNamed = true;
};

function needConnection(lookup: LookupDraft, isOn: boolean): void {
  if (!lookup.way.isTcpNamed) lookup.way.usesTcp = isOn;
}

interface TlsAbout {
  readonly name: string;
  readonly least: number;
  readonly value: string;
  readonly help: string;
  /** What dig misses when there is no value; undefined: then there need be none. */
  readonly what?: string;
}

/** Each asks for proof, as in kdig. */
function tlsOption(key: Exclude<keyof TlsSettings, 'isStrict'>, about: TlsAbout): PlusOption {
  const { what, ...rest } = about;
  return option(rest, (reading, { isOn, value }) => {
    const { lookup } = reading;
    needConnection(lookup, isOn);
    const tls: Mutable<TlsSettings> = { ...lookup.tls };
    if (isOn || key === 'caFile') tls.isStrict = isOn;
    if (!isOn) {
      tls[key] = undefined;
    } else if (value !== undefined) {
      tls[key] = value;
    } else if (what !== undefined) {
      reading.printError(`;; ${what} is not specified\n`);
      return 'invalid';
    }
    lookup.tls = tls;
    return undefined;
  });
}

interface HttpAbout {
  readonly least: number;
  readonly isPlain: boolean;
  readonly isGet: boolean;
  readonly help: string;
  readonly isHidden?: boolean;
}

function httpOption(
  name: string,
  { least, isPlain, isGet, help, isHidden }: HttpAbout,
): PlusOption {
  const about = { name, least, value: '[=###]', help, isHidden: isHidden ?? false };
  return option(about, (reading, { isOn, value = '/dns-query' }) => {
    const { lookup } = reading;
    if (!isOn) {
      lookup.way.usesHttps = false;
      return undefined;
    }
    lookup.way.usesHttps = true;
    if (isPlain) lookup.way.isHttpPlain = true;
    needConnection(lookup, true);
    if (!isHttpPath(value)) {
      reading.printError(`;; The given HTTP path "${value}" is not a valid absolute path\n`);
      return 'invalid';
    }
    lookup.https = { path: value, method: isGet ? 'GET' : lookup.https.method };
    return undefined;
  });
}

/** An absolute path of RFC 3986 §3.3, perhaps with a query behind it. */
function isHttpPath(text: string): boolean {
  return /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/.test(text);
}

const keepopen = option(
  { name: 'keepopen', least: 5, isGlobal: true, help: 'Keep the connection for the next query' },
  ({ globals }, { isOn }) => {
    globals.keepOpen = isOn;
  },
);

/** More would be a flood, and need more ports than there are. */
const MAX_PARALLEL = 1000;

const parallel = option(
  {
    name: 'parallel',
    least: 3,
    value: '=###',
    negatable: false,
    isGlobal: true,
    help: 'Have so many names of a batch file under way at once [16]',
  },
  (reading, { isOn, value }) => {
    if (value === undefined || !isOn) return 'invalid';
    const count = tryNumber(reading, value, { what: 'parallel', max: MAX_PARALLEL });
    if (count === undefined) reading.refuse("Couldn't parse parallel", ExitStatus.badValue);
    else reading.globals.parallel = Math.max(1, count);
    return undefined;
  },
);

/** dig takes these, says so, and does nothing. */
function obsolete(name: string, least: number, text: string): PlusOption {
  const about = { name, least, isHidden: true, help: text };
  return option(about, (reading: Reading) => reading.printError(`;; +${name} ${text}`));
}

export const TRANSPORT_OPTIONS: readonly PlusOption[] = [
  obsolete('dscp', 2, 'option is obsolete and has no effect'),
  httpOption('https', {
    least: 5,
    isPlain: false,
    isGet: false,
    help: 'Ask over HTTPS [/dns-query]',
  }),
  httpOption('https-get', {
    least: 7,
    isPlain: false,
    isGet: true,
    help: 'Ask over HTTPS with GET',
  }),
  httpOption('https-post', {
    least: 7,
    isPlain: false,
    isGet: false,
    help: 'Ask over HTTPS with POST',
  }),
  httpOption('http-plain', {
    least: 10,
    isPlain: true,
    isGet: false,
    help: 'Ask over HTTP without TLS [/dns-query]',
  }),
  httpOption('http-plain-get', {
    least: 12,
    isPlain: true,
    isGet: true,
    help: 'Ask over HTTP without TLS with GET',
  }),
  httpOption('http-plain-post', {
    least: 12,
    isPlain: true,
    isGet: false,
    help: 'Ask over HTTP without TLS with POST',
  }),
  keepopen,
  obsolete('mapped', 2, 'option is deprecated'),
  parallel,
  obsolete('sigchase', 2, 'option is deprecated'),
  option({ name: 'tcp', least: 3, help: 'Ask over TCP' }, tcp),
  option({ name: 'tls', least: 3, help: 'Ask over TLS' }, ({ lookup }, { isOn }) => {
    needConnection(lookup, isOn);
    lookup.way.usesTls = isOn;
  }),
  tlsOption('caFile', {
    name: 'tls-ca',
    least: 6,
    value: '[=file]',
    help: 'Have the server prove its name, to these authorities or the system’s',
  }),
  tlsOption('certificateFile', {
    name: 'tls-certfile',
    least: 6,
    value: '=file',
    help: 'Prove with this certificate who asks',
    what: 'TLS certificate file',
  }),
  tlsOption('hostName', {
    name: 'tls-hostname',
    least: 5,
    value: '=hostname',
    help: 'Have the server prove this name',
    what: 'TLS hostname',
  }),
  tlsOption('keyFile', {
    name: 'tls-keyfile',
    least: 5,
    value: '=file',
    help: 'The private key of the certificate',
    what: 'TLS private key file',
  }),
  obsolete('topdown', 2, 'option is deprecated'),
  obsolete('trusted-key', 3, 'option is deprecated'),
  obsolete('unexpected', 3, 'option is deprecated'),
  option({ name: 'vc', least: 1, help: 'Ask over TCP (+tcp)' }, tcp),
];
