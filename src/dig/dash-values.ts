/** The `-x` options with a value, and the types and classes that bare words may be too. */

import { addressFamily } from '../net/address.ts';
import { parseKey } from '../tsig/key.ts';
import { DnsClass, parseClass, parseType, RRType } from '../wire/iana.ts';
import { tryNumber } from './numbers.ts';
import { ExitStatus, Stop, type LookupDraft, type Reading } from './reading.ts';
import { reverseName } from './reverse-name.ts';

const MAX_PORT = 0xffff;
const MAX_SERIAL = 0xffff_ffff;

export interface DashContext {
  readonly reading: Reading;
  /** The words are those of `~/.digrc`, where there are no names. */
  readonly isDefaults: boolean;
  /** Begins a lookup, and gives it its name. */
  addName(name: string): void;
  setBatchFile(path: string): void;
  /** Bare words are names from here on. */
  namesFollow(): void;
}

export function applyDashOption(context: DashContext, letter: string, value: string): void {
  const { reading } = context;
  switch (letter) {
    case 'b':
      return readLocalAddress(reading, value);
    case 'c':
      return readClass(context, value);
    case 'f':
      return context.setBatchFile(value);
    case 'k':
      reading.globals.key = { kind: 'file', path: value };
      return;
    case 'p':
      reading.globals.port = portOf(reading, value);
      return;
    case 'q':
      if (!context.isDefaults) context.addName(value);
      return;
    case 't':
      return readType(context, value);
    case 'x':
      return readReverse(context, value);
    default:
      return readKey(reading, value);
  }
}

function readLocalAddress(reading: Reading, value: string): void {
  const { globals } = reading;
  const hash = value.indexOf('#');
  const address = hash < 0 ? value : value.slice(0, hash);
  globals.localPort = hash < 0 ? 0 : portOf(reading, value.slice(hash + 1));
  const family = addressFamily(address);
  if (family === undefined || (globals.family ?? family) !== family) {
    reading.refuse(`invalid address ${value}`);
  }
  globals.localAddress = address;
  globals.family = family;
}

function portOf(reading: Reading, text: string): number {
  return (
    tryNumber(reading, text, { what: 'port number', max: MAX_PORT }) ??
    reading.refuse("Couldn't parse port number")
  );
}

function readClass(context: DashContext, value: string): void {
  const { reading } = context;
  context.namesFollow();
  const dnsClass = classOf(value);
  if (reading.lookup.isClassNamed) reading.warn('extra class option');
  if (dnsClass === undefined) return reading.warn(`ignoring invalid class ${value}`);
  reading.lookup.class = dnsClass;
  reading.lookup.isClassNamed = true;
}

/** dig knows some classes by longer names, too. */
export function classOf(text: string): number | undefined {
  return LONG_CLASSES.get(text.toLowerCase()) ?? parseClass(text);
}

const LONG_CLASSES: ReadonlyMap<string, number> = new Map([
  ['chaos', DnsClass.CH],
  ['hesiod', DnsClass.HS],
  ['reserved0', 0],
]);

export function setClass(reading: Reading, dnsClass: number): void {
  if (reading.lookup.isClassNamed) reading.warn('extra class option');
  reading.lookup.class = dnsClass;
  reading.lookup.isClassNamed = true;
}

function readType(context: DashContext, value: string): void {
  const { reading, isDefaults } = context;
  context.namesFollow();
  const isIxfr = isIxfrSerial(value);
  const type = isIxfr ? RRType.IXFR : parseType(value);
  if (type === undefined || (type === RRType.IXFR && !isIxfr)) {
    return reading.warn(`ignoring invalid type ${value}`);
  }
  setType(reading, type, value);
  if (isDefaults && !isIxfr) reading.lookup.isTypeNamed = false;
}

/** 'ixfr=2024010100'. */
export function isIxfrSerial(text: string): boolean {
  return /^ixfr=/i.test(text);
}

/** `text` is what named the type: it holds the serial number of IXFR. */
export function setType(reading: Reading, type: number, text: string): void {
  const { lookup } = reading;
  if (lookup.isTypeNamed) reading.warn('extra type option');
  lookup.type = type;
  lookup.isTypeNamed = true;
  if (type === RRType.IXFR) {
    lookup.ixfrSerial =
      tryNumber(reading, text.slice('ixfr='.length), { what: 'serial number', max: MAX_SERIAL }) ??
      reading.refuse("Couldn't parse serial number");
  }
  if (type === RRType.IXFR || type === RRType.AXFR) showTransfer(reading, lookup);
  const isLong = type === RRType.IXFR || type === RRType.ANY;
  if (isLong && !lookup.way.isTcpNamed) lookup.way.usesTcp = true;
}

function showTransfer({ transferShows }: Reading, lookup: LookupDraft): void {
  lookup.showsQuestion = transferShows.question;
  lookup.showsComments = transferShows.comments;
}

function readReverse(context: DashContext, address: string): void {
  context.addName(reverseName(address));
  const { lookup } = context.reading;
  if (!lookup.isTypeNamed) lookup.type = RRType.PTR;
  if (!lookup.isClassNamed) lookup.class = DnsClass.IN;
}

/** All but the digest's bits is looked at by whoever makes the key. */
function readKey(reading: Reading, text: string): void {
  if (text.split(':').filter((part) => part !== '').length < 2) {
    throw new Stop(ExitStatus.usage, true);
  }
  const key = parseKey(text);
  if (!key.ok && key.error.kind === 'bits') {
    reading.print(`${key.error.problem}\n`);
    reading.refuse("couldn't parse digest bits");
  }
  reading.globals.key = { kind: 'text', text };
}
