/** The table of `-x` options, for the parser and for all that describes it. */

export interface DashOption {
  readonly letter: string;
  /** The name of its value; undefined: it has none, and may stand together with others ('-4r'). */
  readonly value?: string;
  /** dig has it for old times' sake, or ts-dig refuses it. */
  readonly isHidden?: boolean;
  readonly help: string;
}

export const DASH_OPTIONS: readonly DashOption[] = [
  { letter: '4', help: 'use IPv4 only' },
  { letter: '6', help: 'use IPv6 only' },
  { letter: 'b', value: 'address[#port]', help: 'send from this address and port' },
  { letter: 'c', value: 'class', help: 'set the class' },
  { letter: 'd', isHidden: true, help: 'debugging, which ts-dig has not' },
  { letter: 'f', value: 'filename', help: 'read lookups from a file, or - for standard input' },
  { letter: 'h', help: 'show this text' },
  { letter: 'i', isHidden: true, help: 'nothing' },
  { letter: 'k', value: 'keyfile', help: 'sign with the TSIG key of this file' },
  { letter: 'm', isHidden: true, help: 'memory debugging, which ts-dig has not' },
  { letter: 'n', isHidden: true, help: 'nothing' },
  { letter: 'p', value: 'port', help: 'set the port of the servers' },
  { letter: 'q', value: 'name', help: 'set the name' },
  { letter: 'r', help: 'do not read ~/.digrc' },
  { letter: 't', value: 'type', help: 'set the type' },
  { letter: 'u', help: 'show times in microseconds' },
  { letter: 'v', help: 'show the version' },
  { letter: 'x', value: 'address', help: 'ask for the name of this address' },
  { letter: 'y', value: '[hmac:]name:key', help: 'sign with this TSIG key' },
];

export const SWITCHES: string = lettersWhere(({ value }) => value === undefined);
export const ALL_LETTERS: string = lettersWhere(() => true);

function lettersWhere(isWanted: (option: DashOption) => boolean): string {
  return DASH_OPTIONS.filter(isWanted)
    .map(({ letter }) => letter)
    .join('');
}
