/** Replies of the control socket for people: plain columns, one thing a line. */

type Fields = Readonly<Record<string, unknown>>;

/** Text with its end, for the reply to a request. */
export function printReply({ command }: Fields, result: object): string {
  const fields = result as Fields;
  switch (command) {
    case 'status':
      return printStatus(fields);
    case 'lookup':
      return printLookup(fields);
    case 'servers':
      return tableOfRows(fields['servers'], ['ADDRESS', 'RTT', 'SILENT', 'STATE'], serverCells);
    case 'pending':
      return tableOfRows(fields['queries'], ['QUESTION', 'AGE', 'SENDS', 'WAITS FOR'], queryCells);
    case 'zone':
      return table([], Object.entries(fields).map(zoneLine));
    case 'notify':
      return `${text(fields['told'])} told\n`;
    case 'flush':
      return `${countText(fields['flushed'])} flushed\n`;
    case 'load': {
      const { entries: loaded, expired } = fields;
      const verb = expired === 1 ? 'was' : 'were';
      return `${countText(loaded)} loaded, ${text(expired)} ${verb} over\n`;
    }
    case 'dump':
      return `written to ${text(fields['file'])}\n`;
    case 'reload':
      return printReload(fields);
    case 'log-level':
      return `${text(fields['level'])}\n`;
    default:
      return `${text(command)}: begun\n`;
  }
}

function zoneLine([what, value]: [string, unknown]): readonly string[] {
  const words = what.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return [words, Array.isArray(value) ? list(value).join(' ') || 'a file' : text(value)];
}

function printReload({ changed, afterRestart }: Fields): string {
  const [now, later] = [list(changed), list(afterRestart)];
  return [
    `configuration: ${now.length === 0 ? 'nothing changed' : `${now.join(', ')} changed`}\n`,
    later.length === 0 ? '' : `only after a restart: ${later.join(', ')}\n`,
    'zones: begun, the log tells of each\n',
  ].join('');
}

function serverCells({ address, rttMs, silences, isDead }: Fields): readonly string[] {
  const rtt = typeof rttMs === 'number' ? `${rttMs.toFixed(1)} ms` : '-';
  return [text(address), rtt, text(silences), stateText(isDead, rttMs)];
}

function queryCells({ question, ageMs, sends, lookup, server }: Fields): readonly string[] {
  const awaits = server === undefined ? text(lookup) : `${text(lookup)} from ${text(server)}`;
  return [text(question), `${text(ageMs)} ms`, text(sends), awaits];
}

/** '1 entry', '2 entries'. */
function countText(count: unknown): string {
  return `${text(count)} ${count === 1 ? 'entry' : 'entries'}`;
}

function printStatus(fields: Fields): string {
  const { version, uptimeSeconds, listening, logLevel, memory, workers } = fields;
  const { pending, counters, cache, finishedAnswers, queryLog } = fields;
  const pairs: [string, string][] = [
    ['version', text(version)],
    ['up', `${text(uptimeSeconds)} s`],
    ['listening', list(listening).join(' ')],
    ...(workers === undefined ? [] : [['workers', text(workers)] as [string, string]]),
    ['log level', text(logLevel)],
    ...entries(memory).map(([what, octets]): [string, string] => [
      `memory: ${what}`,
      `${(Number(octets) / 2 ** 20).toFixed(1)} MiB`,
    ]),
    ...(pending === undefined ? [] : [['pending', text(pending)] as [string, string]]),
    ...entries(queryLog).map(([what, n]): [string, string] => [`query log: ${what}`, text(n)]),
    ...entries(counters).map(([what, count]): [string, string] => [what, text(count)]),
  ];
  const caches = [['finished', finishedAnswers] as const, ...entries(cache)];
  const stores = caches.map(([store, numbers]) => {
    const { entries: count, octets, hits, misses, evictions } = numbers as Fields;
    return [store, ...[count, octets, hits, misses, evictions].map(text)];
  });
  const zones = rows(fields['zones']).map(({ origin, serial, records }) => [
    text(origin),
    text(serial),
    text(records),
  ]);
  return [
    table([], pairs),
    stores.length > 0
      ? `\n${table(['CACHE', 'ENTRIES', 'OCTETS', 'HITS', 'MISSES', 'EVICTIONS'], stores)}`
      : '',
    zones.length > 0 ? `\n${table(['ZONE', 'SERIAL', 'RECORDS'], zones)}` : '',
  ].join('');
}

function printLookup(fields: Fields): string {
  const { delegation, entries: found } = fields;
  const known =
    rows(found).length === 0
      ? `nothing is known of ${text(fields['name'])}\n`
      : tableOfRows(found, ['TYPE', 'TTL', 'KNOWN'], entryCells);
  return `${known}${delegation === undefined ? '' : printDelegation(delegation as Fields)}`;
}

function entryCells(entry: Fields): readonly string[] {
  return [text(entry['type'] ?? '*'), ttlText(entry), knownText(entry)];
}

function ttlText({ ttl, staleForSeconds }: Fields): string {
  return staleForSeconds === undefined ? text(ttl) : `stale for ${text(staleForSeconds)} s`;
}

function knownText({ kind, data, credibility, found, zone, why }: Fields): string {
  if (kind === 'records') return `${list(data).join(' | ')} (${text(credibility)})`;
  return kind === 'negative' ? `${text(found)} by ${text(zone)}` : `failed: ${text(why)}`;
}

function stateText(isDead: unknown, rttMs: unknown): string {
  if (isDead === true) return 'dead';
  return rttMs === undefined ? 'unknown' : 'ok';
}

function printDelegation({ zone, ttl, servers }: Fields): string {
  const lines = rows(servers).map(({ name, addresses }) => {
    const known = list(addresses).join(' ');
    return `  ${text(name)}${known === '' ? '' : ` ${known}`}\n`;
  });
  return `closest zone cut: ${text(zone)}, TTL ${text(ttl)}\n${lines.join('')}`;
}

function rows(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? (value as readonly Fields[]) : [];
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(text) : [];
}

function entries(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '-';
}

/** Of a server in several workers each row says in front whose it is. */
function tableOfRows(
  value: unknown,
  head: readonly string[],
  cellsOf: (row: Fields) => readonly string[],
): string {
  const all = rows(value);
  if (!all.some(({ worker }) => worker !== undefined)) return table(head, all.map(cellsOf));
  const body = all.map((row) => [text(row['worker']), ...cellsOf(row)]);
  return table(['WORKER', ...head], body);
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const lines = head.length > 0 ? [head, ...body] : body;
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
