/**
 * The relay `ts-dns lab wire` in front of a server, asked by programs that know nothing of it: what
 * it drops by script they repeat, and what it delays takes them so long.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { findFreePort, Lab, type Program } from './support/lab.ts';
import { findObstacle, titleOf } from './support/requirements.ts';
import { checkout, startTsDns } from './support/ts-dns.ts';

const zone = `
$ORIGIN example.
$TTL 3600
@    SOA  ns hostmaster ( 1 3600 900 604800 60 )
@    NS   ns
ns   A    192.0.2.1
`;

const obstacle = findObstacle(['program dig', 'program kdig']);

describe.skipIf(obstacle !== undefined)(titleOf('a relay before a server', obstacle), () => {
  const lab = new Lab();
  let server: string;

  beforeAll(async () => {
    server = `127.0.0.1:${await findFreePort()}`;
    const file = `example.=${lab.write('example.zone', zone)}`;
    await startTsDns(lab, 'serve', '--no-recursion', '--listen', server, '--zone', file);
  });
  afterAll(() => lab.close());

  async function startWire(
    ...options: readonly string[]
  ): Promise<{ readonly relay: Program; readonly port: string }> {
    const port = String(await findFreePort());
    const ends = ['--listen', `127.0.0.1:${port}`, '--to', server];
    const relay = await startTsDns(lab, 'lab', 'wire', ...ends, ...options);
    return { relay, port };
  }

  /** What the relay says when it is told to end. */
  async function statisticsOf(relay: Program): Promise<unknown> {
    await relay.stop();
    const json = relay.output.split('\n').find((line) => line.startsWith('{'));
    return JSON.parse(json ?? 'null');
  }

  test.each([
    ['dig', ['@127.0.0.1', '+short', '+tries=2', '+time=1']],
    ['kdig', ['@127.0.0.1', '+short', '+retry=1', '+time=1']],
  ])('%s asks again when its first query is dropped', async (program, options) => {
    const { relay, port } = await startWire('--json', '--drop', '1');
    const answer = lab.must(program, ...options, '-p', port, 'ns.example', 'A');
    expect(answer).toContain('192.0.2.1');
    expect(await statisticsOf(relay)).toMatchObject({
      forth: { datagrams: 2, delivered: 1, lost: { script: 1 } },
      back: { datagrams: 1, delivered: 1 },
      refused: 0,
    });
  });

  test('without options it passes everything on, and with a delay the answer takes as long', async () => {
    const plain = await startWire('--json');
    lab.must('dig', '@127.0.0.1', '-p', plain.port, '+tries=1', 'ns.example', 'A');
    expect(await statisticsOf(plain.relay)).toMatchObject({
      forth: { datagrams: 1, delivered: 1, lost: {} },
      back: { datagrams: 1, delivered: 1, lost: {} },
    });
    const slow = await startWire('--delay', '200ms', '--reverse-delay', '100ms');
    const answer = lab.must('dig', '@127.0.0.1', '-p', slow.port, '+tries=1', 'ns.example', 'A');
    const ms = Number(/Query time: (\d+) msec/.exec(answer)?.[1]);
    expect(ms).toBeGreaterThanOrEqual(300);
  });

  test.each([
    [['--loss', '3'], '--loss: expected a fraction from 0 to 1'],
    [['--reverse-delay', 'soon'], '--reverse-delay: expected a duration'],
    [['--drop', '0'], '--drop: expected numbers of datagrams from 1'],
  ])('%j: one clear line, exit status 2', (words, message) => {
    const ends = ['--listen', '127.0.0.1:0', '--to', server];
    const run = lab.run(
      process.execPath,
      `${checkout}bin/ts-dns`,
      'lab',
      'wire',
      ...ends,
      ...words,
    );
    expect(run.status).toBe(2);
    expect(run.stderr).toContain(message);
    expect(run.stderr.trimEnd()).not.toContain('\n');
  });
});
