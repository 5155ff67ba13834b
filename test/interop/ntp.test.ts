/**
 * Our NTP server and client with those of others, who agree on what is measured: with ways that
 * differ, all are wrong by the same half of the difference.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Lab, type Program } from './support/lab.ts';
import { findObstacle, titleOf } from './support/requirements.ts';
import { checkout, startTsDns } from './support/ts-dns.ts';

const obstacle = findObstacle(['program chronyd', 'network namespaces']);
const digObstacle = obstacle ?? findObstacle(['program ntpdig']);

/** Seconds: what loopback, timers and two busy processors may add. */
const SLACK = 0.005;
/** Of the ways through the relay: 30 ms there, 10 ms back. */
const ERROR = 0.01;
const WAYS = ['--delay', '30ms', '--reverse-delay', '10ms'];
const OURS = '127.0.0.1:2123';
const THEIRS = '127.0.0.1:2124';

interface Answer {
  readonly offset: number;
  readonly delay: number;
  readonly rootDistance: number;
  readonly stratum: number;
  readonly kiss?: string;
  readonly refusals: Readonly<Record<string, number>>;
}

describe.skipIf(obstacle !== undefined)(titleOf('NTP with chrony', obstacle), () => {
  const lab = new Lab({ namespace: true });

  beforeAll(async () => {
    await startTsDns(lab, 'lab', 'ntp', 'serve', '--listen', OURS, '--offset', '250ms');
    await startTsDns(lab, 'lab', 'wire', '--listen', '127.0.0.1:2223', '--to', OURS, ...WAYS);
    await startTsDns(lab, 'lab', 'wire', '--listen', '127.0.0.1:2224', '--to', THEIRS, ...WAYS);
    const pidfile = `pidfile ${lab.folder}/chronyd.pid`;
    const lines = ['port 2124', 'cmdport 0', 'bindcmdaddress /', 'local stratum 3', 'allow all'];
    const config = lab.write('chrony.conf', [...lines, pidfile, ''].join('\n'));
    const chronyd = lab.start('chronyd', '-x', '-d', '-u', 'root', '-f', config);
    await answersSoon(chronyd);
  });
  afterAll(() => lab.close());

  function query(server: string, ...options: readonly string[]): Answer {
    const args = ['lab', 'ntp', 'query', server, '--json', '--interval', '50ms', ...options];
    const { stdout } = lab.run(process.execPath, `${checkout}bin/ts-dns`, ...args);
    return JSON.parse(stdout) as Answer;
  }

  async function answersSoon(chronyd: Program): Promise<void> {
    await chronyd.until('answers', () => query(THEIRS, '--samples', '1').stratum === 3);
  }

  /** What chronyd says that the clock is wrong by, in seconds. */
  function chronyOffset(port: number): number {
    const server = `server 127.0.0.1 port ${port} iburst maxsamples 4`;
    const pidfile = `pidfile ${lab.folder}/client.pid`;
    const { stdout, stderr } = lab.run('chronyd', '-Q', '-u', 'root', '-t', '20', server, pidfile);
    const [, wrongBy] = /System clock wrong by (-?[\d.]+) seconds/.exec(stdout + stderr) ?? [];
    if (wrongBy === undefined) throw new Error(`chronyd found no time:\n${stdout}${stderr}`);
    return Number(wrongBy);
  }

  test('chronyd -Q takes the time from our server', () => {
    expect(Math.abs(chronyOffset(2123) - 0.25)).toBeLessThan(SLACK);
  });

  test('our client takes it from chronyd -x', () => {
    const { offset, stratum, rootDistance } = query(THEIRS);
    expect(stratum).toBe(3);
    expect(Math.abs(offset)).toBeLessThan(SLACK);
    expect(Math.abs(offset)).toBeLessThanOrEqual(rootDistance);
  });

  test('over ways that differ, chronyd and we are wrong by half of the difference alike', () => {
    const theirs = chronyOffset(2223) - 0.25;
    const ours = query('127.0.0.1:2223', '--samples', '8');
    expect(Math.abs(theirs - ERROR)).toBeLessThan(SLACK);
    expect(Math.abs(ours.offset - 0.25 - ERROR)).toBeLessThan(SLACK);
    expect(Math.abs(ours.offset - 0.25 - theirs)).toBeLessThan(SLACK);
    expect(Math.abs(ours.delay - 0.04)).toBeLessThan(2 * SLACK);
    expect(Math.abs(ours.offset - 0.25)).toBeLessThanOrEqual(ours.rootDistance);
    expect(Math.abs(query('127.0.0.1:2224', '--samples', '8').offset - ERROR)).toBeLessThan(SLACK);
  });

  const title = titleOf('ntpdig measures the same, from port 123 only', digObstacle);
  test.skipIf(digObstacle !== undefined)(title, async () => {
    const [server, relay] = ['127.0.0.2:123', '127.0.0.3:123'];
    await startTsDns(lab, 'lab', 'ntp', 'serve', '--listen', server, '--offset', '250ms');
    await startTsDns(lab, 'lab', 'wire', '--listen', relay, '--to', server, ...WAYS);
    const offsetOf = (address: string): number => {
      const { stdout, stderr } = lab.run('ntpdig', '-j', '-p', '4', '-t', '2', address);
      const line = /^\{.*\}$/m.exec(stdout)?.[0];
      if (line === undefined) throw new Error(`ntpdig found no time:\n${stdout}${stderr}`);
      return (JSON.parse(line) as Answer).offset;
    };
    expect(Math.abs(offsetOf('127.0.0.2') - 0.25)).toBeLessThan(SLACK);
    expect(Math.abs(offsetOf('127.0.0.3') - 0.25 - ERROR)).toBeLessThan(SLACK);
  });

  test('chronyd does not believe a server that knows no time, and neither do we', async () => {
    const listen = '127.0.0.1:2125';
    await startTsDns(lab, 'lab', 'ntp', 'serve', '--listen', listen, '--unsynchronised');
    expect(query(listen, '--samples', '2').refusals).toEqual({ unsynchronised: 2 });
    const server = 'server 127.0.0.1 port 2125 iburst';
    const pidfile = `pidfile ${lab.folder}/client.pid`;
    const { stdout, stderr } = lab.run('chronyd', '-Q', '-u', 'root', '-t', '5', server, pidfile);
    expect(stdout + stderr).toContain('Timeout reached');
  });

  test('chronyd follows our server into era 1', async () => {
    const listen = '127.0.0.1:2126';
    const time = '2036-02-07T06:28:14Z';
    await startTsDns(lab, 'lab', 'ntp', 'serve', '--listen', listen, '--time', time);
    const awayS = Date.parse(time) / 1000 - Date.now() / 1000;
    // Seconds pass while programs start.
    expect(Math.abs(chronyOffset(2126) - awayS)).toBeLessThan(60);
    expect(Math.abs(query(listen).offset - awayS)).toBeLessThan(60);
  });
});
