/** A walk down the delegations as a text of steps, and as a graph in the language of Graphviz. */

import type { TracedDelegation, TraceStep } from './trace-step.ts';

/** `+trace=steps`: one block for each step, as it is known. */
export function printTraceStep(step: TraceStep, number: number): string {
  const { zone, server, transport, rttMs, size, delegation } = step;
  const place = `${server.address}#${server.port}(${server.name})`;
  const how = `${rttMs.toFixed(1)} ms, ${size} bytes over ${transport.toUpperCase()}`;
  return [
    `;; ${number}. ${zone} at ${place}: ${how}\n`,
    `;;    ${resultText(step)}\n`,
    ...(delegation ? serverLines(delegation) : []),
  ].join('');
}

function resultText({ kind, delegation, ttlSeconds, reason }: TraceStep): string {
  switch (kind) {
    case 'start':
    case 'referral':
      return delegation
        ? `delegates ${delegation.zone} for ${delegation.ttlSeconds} s, ${security(delegation)}`
        : 'delegates nothing';
    case 'answer':
      return ttlSeconds === undefined ? 'answers with nothing' : `answers for ${ttlSeconds} s`;
    case 'lame':
      return reason ?? 'is lame';
  }
}

function security({ isSigned }: TracedDelegation): string {
  return isSigned ? 'signed' : 'not signed';
}

function serverLines({ nameServers }: TracedDelegation): readonly string[] {
  return nameServers.map(({ name, glue }) => {
    const addresses = glue.map(({ address, ttlSeconds }) => `${address} (${ttlSeconds} s)`);
    return `;;      ${name} ${addresses.length === 0 ? 'without glue' : addresses.join(' ')}\n`;
  });
}

/** `+trace=dot`: zones, the servers that were asked, and what they said, as a directed graph. */
export function printTraceGraph(question: string, steps: readonly TraceStep[]): string {
  const lines = steps.map((step, index) => graphLines(step, index));
  return [
    `digraph ${quoted(question)} {\n`,
    '  rankdir=TB;\n',
    '  node [fontname="Helvetica", shape=box];\n',
    '  edge [fontname="Helvetica", fontsize=10];\n',
    ...lines.flat(),
    '}\n',
  ].join('');
}

function graphLines(step: TraceStep, index: number): readonly string[] {
  const { zone, server, rttMs, kind, delegation, reason, ttlSeconds } = step;
  const from = quoted(`zone ${zone}`);
  const edge = `${server.name}\n${server.address}\n${rttMs.toFixed(1)} ms`;
  const own = `  ${from} [label=${quoted(zone)}];\n`;
  if (delegation && kind === 'referral') {
    const to = quoted(`zone ${delegation.zone}`);
    const label = quoted(`${edge}\nTTL ${delegation.ttlSeconds} s`);
    return [
      own,
      `  ${from} -> ${to} [label=${label}];\n`,
      `  ${to} [label=${quoted(delegation.zone)}];\n`,
    ];
  }
  if (kind === 'start') return [own];
  const end = quoted(`end ${index}`);
  const text = kind === 'lame' ? (reason ?? 'lame') : answerText(ttlSeconds);
  const look = kind === 'lame' ? 'shape=octagon, color=red' : 'shape=ellipse';
  return [
    own,
    `  ${end} [label=${quoted(text)}, ${look}];\n`,
    `  ${from} -> ${end} [label=${quoted(edge)}${kind === 'lame' ? ', color=red' : ''}];\n`,
  ];
}

function answerText(ttlSeconds: number | undefined): string {
  return ttlSeconds === undefined ? 'no records' : `answer\nTTL ${ttlSeconds} s`;
}

/** As Graphviz takes texts: names of zones may hold quotes and backslashes, which are escapes. */
function quoted(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `"${escaped}"`;
}
