/** What shells complete behind `ts-dig`, from the option tables: `ts-dig --completion bash`. */

import { DASH_OPTIONS } from './dash-options.ts';
import { PLUS_OPTIONS } from './plus-options.ts';

interface Word {
  readonly text: string;
  readonly help: string;
}

/** The script for a shell; undefined for one that is not known. */
export function completionScript(shell: string): string | undefined {
  return SCRIPTS.get(shell)?.();
}

const SCRIPTS: ReadonlyMap<string, () => string> = new Map([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
]);

/** Types that people ask for. */
const TYPES = 'a aaaa any axfr caa cname ds dnskey https mx naptr ns ptr soa srv svcb tlsa txt';

function dashWords(): readonly Word[] {
  return DASH_OPTIONS.filter(({ isHidden }) => isHidden !== true).map(({ letter, help }) => {
    return { text: `-${letter}`, help };
  });
}

/** With '=' behind those that need a value, so that it can be typed at once. */
function plusWords(): readonly Word[] {
  return PLUS_OPTIONS.filter(({ isHidden }) => isHidden !== true).flatMap((option) => {
    const { name, value = '', negatable, help } = option;
    const word = { text: `+${name}${value.startsWith('=') ? '=' : ''}`, help };
    return negatable ? [word, { text: `+no${name}`, help: `Not: ${help}` }] : [word];
  });
}

function textsOf(words: readonly Word[]): string {
  return words.map(({ text }) => text).join(' ');
}

function bashScript(): string {
  return `# bash completion for ts-dig: eval "$(ts-dig --completion bash)"
_ts_dig() {
  local word=\${COMP_WORDS[COMP_CWORD]} words
  case $word in
    +*) words='${textsOf(plusWords())}' ;;
    -*) words='${textsOf(dashWords())}' ;;
    @*) return ;;
    *) words='${TYPES}' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [[ \${COMPREPLY[0]-} == *= ]] && compopt -o nospace
}
complete -o default -F _ts_dig ts-dig
`;
}

function zshScript(): string {
  const quoted = (text: string): string => text.replaceAll("'", "'\\''").replaceAll(':', '\\:');
  const entries = (words: readonly Word[]): string =>
    words.map(({ text, help }) => `    '${quoted(text)}:${quoted(help)}'\n`).join('');
  return `#compdef ts-dig
# zsh completion for ts-dig: ts-dig --completion zsh > "\${fpath[1]}/_ts-dig"
_ts_dig() {
  local -a pluses dashes types
  pluses=(
${entries(plusWords())}  )
  dashes=(
${entries(dashWords())}  )
  types=(${TYPES})
  case $words[CURRENT] in
    +*) _describe option pluses ;;
    -*) _describe option dashes ;;
    *) _alternative 'types:type:compadd -a types' 'hosts:host:_hosts' ;;
  esac
}
compdef _ts_dig ts-dig
`;
}

function fishScript(): string {
  const quoted = (text: string): string => text.replaceAll(/['\\]/g, '\\$&');
  const line = ({ text, help }: Word): string =>
    `complete -c ts-dig -f -a '${quoted(text)}' -d '${quoted(help)}'\n`;
  const dashes = DASH_OPTIONS.filter(({ isHidden }) => isHidden !== true).map((option) => {
    const { letter, value, help } = option;
    const needsValue = value === undefined ? '' : ' -r';
    return `complete -c ts-dig -s ${letter}${needsValue} -d '${quoted(help)}'\n`;
  });
  return [
    '# fish completion for ts-dig: ts-dig --completion fish | source\n',
    ...dashes,
    ...plusWords().map(line),
    `complete -c ts-dig -f -a '${TYPES}' -d type\n`,
  ].join('');
}
