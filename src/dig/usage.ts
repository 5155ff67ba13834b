/** The texts of `-h` and of the hint behind a wrong command line, from the option tables. */

import { DASH_OPTIONS, type DashOption } from './dash-options.ts';
import type { PlusOption } from './plus-option.ts';
import { PLUS_OPTIONS } from './plus-options.ts';

export function usageText(): string {
  const dashes = DASH_OPTIONS.filter(({ isHidden }) => isHidden !== true);
  const pluses = PLUS_OPTIONS.filter(({ isHidden }) => isHidden !== true);
  return [SYNOPSIS, WHERE, ...dashes.map(dashLine), D_OPT, ...pluses.map(plusLine), SCOPE].join('');
}

/** Behind the line that says what is wrong. */
export function usageHint(): string {
  return `${SYNOPSIS}\nUse "ts-dig -h" (or "ts-dig -h | more") for complete list of options\n`;
}

const SYNOPSIS = `\
Usage:  ts-dig [@global-server] [domain] [q-type] [q-class] {q-opt}
            {global-d-opt} host [@local-server] {local-d-opt}
            [ host [@local-server] {local-d-opt} [...]]
`;

const WHERE = `\
Where:  domain   is in the Domain Name System; without one, '. NS' is asked
        q-class  is one of (in,hs,ch,...) [default: in]
        q-type   is one of (a,any,mx,ns,soa,hinfo,axfr,txt,...) [default: a]
                 (Use ixfr=version for type ixfr)
        q-opt    is one of:
`;

const D_OPT = `\
        d-opt    is of the form +keyword[=value], where keyword is:
`;

const SCOPE = `\
        global d-opts and servers (before host name) affect all queries.
        local d-opts and servers (after host name) affect only that lookup.
`;

const INDENT = ' '.repeat(17);
const HELP_COLUMN = 20;

function dashLine({ letter, value, help }: DashOption): string {
  const form = `-${letter}${value === undefined ? '' : ` ${value}`}`;
  return `${INDENT}${form.padEnd(HELP_COLUMN - 1)} (${help})\n`;
}

function plusLine(option: PlusOption): string {
  const about = option.isGlobal === true ? `${option.help} - global option` : option.help;
  return `${INDENT}${plusForm(option).padEnd(HELP_COLUMN - 1)} (${about})\n`;
}

/** '+[no]edns[=###]'. */
function plusForm({ negatable, name, value = '' }: PlusOption): string {
  return `+${negatable ? '[no]' : ''}${name}${value}`;
}
