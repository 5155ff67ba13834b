/** The manual page of ts-dig in roff, from the option tables: `ts-dig --man`. */

import { DASH_OPTIONS } from './dash-options.ts';
import { PLUS_OPTIONS } from './plus-options.ts';

export function manPage(): string {
  const dashes = DASH_OPTIONS.filter(({ isHidden }) => isHidden !== true);
  const pluses = PLUS_OPTIONS.filter(({ isHidden }) => isHidden !== true);
  return [
    HEAD,
    ...dashes.map(({ letter, value, help }) => {
      const form = value === undefined ? `-${letter}` : `-${letter} ${value}`;
      return entry(form, `${help[0]!.toUpperCase()}${help.slice(1)}.`);
    }),
    '.SH QUERY OPTIONS\n',
    QUERY_OPTIONS,
    ...pluses.map(({ name, value = '', negatable, isGlobal, aliases = [], help }) => {
      const also = aliases.map((alias) => `+${alias.name}`).join(', ');
      const notes = [
        isGlobal === true ? ' Of the whole run.' : '',
        also === '' ? '' : ` Also ${also}.`,
      ];
      return entry(`+${negatable ? '[no]' : ''}${name}${value}`, `${help}.${notes.join('')}`);
    }),
    TAIL,
  ].join('');
}

function entry(form: string, text: string): string {
  return `.TP\n.B ${roff(form)}\n${roff(text)}\n`;
}

/** Nothing in the tables is markup. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('’', '\\(cq')
    .replace(/^[.']/, '\\&$&');
}

const HEAD = `\
.\\" Made by ts-dig --man from the table of options.
.TH TS\\-DIG 1 "" ts\\-dns "User commands"
.SH NAME
ts\\-dig \\- ask name servers, and show what they say
.SH SYNOPSIS
.B ts\\-dig
[@server] [name] [type] [class] [options] [name [@server] [options]]...
.SH DESCRIPTION
Takes the command lines of dig 9.18 and prints its output.
Options and servers before the first name are for all lookups, those behind a name for that one.
Without a server the system's are asked, without a name the root for its name servers.
A server is an address or a name, perhaps with #port behind it.
.SH OPTIONS
`;

const QUERY_OPTIONS = `\
They may be abbreviated as in dig, and begin with +no where they are negated.
`;

const TAIL = `\
.SH FILES
.TP
.B ~/.digrc
Options that are the defaults of all lookups, unless
.B \\-r
is given.
.TP
.B /etc/resolv.conf
Name servers, search list, and the options ndots, timeout and attempts.
.SH EXIT STATUS
.TP
.B 0
A reply came, whatever it says.
.TP
.B 1
The command line cannot be.
.TP
.B 8
The batch file cannot be opened.
.TP
.B 9
No server replied.
.TP
.B 10
A value cannot be, or something is wrong with ts\\-dig.
.SH SHELLS
.B ts\\-dig \\-\\-completion bash
(or zsh, or fish) prints the completions for a shell.
.SH SEE ALSO
.BR dig (1),
.BR resolv.conf (5)
`;
