/** The texts of `-h` and of the hint behind a wrong command line, from the option table. */

import { PLUS_OPTIONS, type PlusOption } from './plus-options.ts';

export function usageText(): string {
  return `${SYNOPSIS}${DASH_OPTIONS}${PLUS_OPTIONS.map(optionLine).join('')}`;
}

/** Behind the line that says what is wrong. */
export function usageHint(): string {
  return `${SYNOPSIS}\nUse "ts-dig -h" for a list of the options\n`;
}

const SYNOPSIS = `\
Usage:  ts-dig [@global-server] [domain] [q-type] [q-class] {q-opt}
               {global-d-opt} host [@local-server] {local-d-opt}
               [ host [@local-server] {local-d-opt} [...]]
`;

const DASH_OPTIONS = `\
Where:  domain   is in the Domain Name System; without one, '. NS' is asked
        q-class  is one of (in,hs,ch,...) [default: in]
        q-type   is one of (a,any,mx,ns,soa,hinfo,txt,...) [default: a]
        q-opt    is one of:
                 -4                  (use IPv4 only)
                 -6                  (use IPv6 only)
                 -b address          (send from this address)
                 -c class            (set the class)
                 -h                  (show this text)
                 -p port             (set the port of the servers) [53]
                 -q name             (set the name)
                 -t type             (set the type)
                 -v                  (show the version)
                 -x address          (shortcut for reverse lookups)
        d-opt    is of the form +keyword[=value], where keyword is:
`;

const HELP_COLUMN = 20;

function optionLine({ name, negatable, value, valueName = '', help }: PlusOption): string {
  const values = { none: '', optional: `[=${valueName}]`, required: `=${valueName}` };
  const form = `+${negatable ? '[no]' : ''}${name}${values[value]}`;
  return `                 ${form.padEnd(HELP_COLUMN - 1)} (${help})\n`;
}
