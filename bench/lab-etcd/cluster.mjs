/**
 * Three etcd, each in a network namespace of its own, joined by a bridge in a fourth; a client
 * beside each. Whoever is cut off loses its link to the bridge. All of it is removed at the end.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const CLIENT = fileURLToPath(new URL('client.mjs', import.meta.url));
const COUNT = 3;
const START_TRIES = 100;

export class Cluster {
  /** @readonly */
  #hub = `ts-dns-etcd-${process.pid}`;
  /** @readonly */
  #folder = mkdtempSync(join(tmpdir(), 'ts-dns-etcd-'));
  /** @readonly @type {import('node:child_process').ChildProcess[]} */
  #servers = [];

  /** Resolves when they have a leader. */
  async start() {
    this.#net('netns', 'add', this.#hub);
    this.#net('-n', this.#hub, 'link', 'add', 'bridge', 'type', 'bridge');
    this.#net('-n', this.#hub, 'link', 'set', 'bridge', 'up');
    for (let node = 0; node < COUNT; node += 1) this.#connect(node);
    for (let node = 0; node < COUNT; node += 1) this.#servers.push(this.#serve(node));
    for (let tries = 0; tries < START_TRIES; tries += 1) {
      const leader = await this.leader();
      if (leader !== undefined) return;
      await pause(200);
    }
    throw new Error('etcd has no leader');
  }

  /** Its number, or undefined while nobody leads. */
  async leader() {
    for (let node = 0; node < COUNT; node += 1) {
      const lines = await this.#client(node, 'status').catch(() => []);
      const [status] = lines;
      if (status?.leader !== undefined && status.leader === status.header.member_id) return node;
    }
    return undefined;
  }

  /** What the client beside each of them saw. */
  ask(periodMs, durationMs) {
    const nodes = Array.from({ length: COUNT }, (_, node) => node);
    return Promise.all(nodes.map((node) => this.#client(node, periodMs, durationMs)));
  }

  cut(node) {
    this.#net('-n', this.#hub, 'link', 'set', `to${node}`, 'down');
  }

  heal(node) {
    this.#net('-n', this.#hub, 'link', 'set', `to${node}`, 'up');
  }

  async close() {
    for (const server of this.#servers) {
      const ended = new Promise((resolve) => server.once('close', resolve));
      if (server.exitCode === null) server.kill('SIGKILL');
      await ended;
    }
    for (let node = 0; node < COUNT; node += 1) {
      spawnSync('ip', ['netns', 'del', this.#space(node)]);
    }
    spawnSync('ip', ['netns', 'del', this.#hub]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #space(node) {
    return `${this.#hub}-${node}`;
  }

  #address(node) {
    return `10.77.0.${node + 1}`;
  }

  #connect(node) {
    const space = this.#space(node);
    this.#net('netns', 'add', space);
    this.#net('-n', space, 'link', 'set', 'lo', 'up');
    const ends = ['type', 'veth', 'peer', 'name', 'out', 'netns', space];
    this.#net('-n', this.#hub, 'link', 'add', `to${node}`, ...ends);
    this.#net('-n', this.#hub, 'link', 'set', `to${node}`, 'master', 'bridge', 'up');
    this.#net('-n', space, 'addr', 'add', `${this.#address(node)}/24`, 'dev', 'out');
    this.#net('-n', space, 'link', 'set', 'out', 'up');
  }

  #serve(node) {
    const peer = (one) => `http://${this.#address(one)}:2380`;
    const all = Array.from({ length: COUNT }, (_, one) => `n${one}=${peer(one)}`).join(',');
    const local = 'http://127.0.0.1:2379';
    const options = [
      ...['--name', `n${node}`, '--data-dir', join(this.#folder, `n${node}`)],
      ...['--listen-peer-urls', peer(node), '--initial-advertise-peer-urls', peer(node)],
      ...['--listen-client-urls', local, '--advertise-client-urls', local],
      ...['--initial-cluster', all, '--initial-cluster-state', 'new'],
      ...['--heartbeat-interval', '100', '--election-timeout', '1000'],
      ...['--logger', 'zap', '--log-level', 'error'],
    ];
    const args = ['netns', 'exec', this.#space(node), 'etcd', ...options];
    return spawn('ip', args, { stdio: 'ignore' });
  }

  /** The lines that it prints, read. */
  #client(node, ...args) {
    const command = ['netns', 'exec', this.#space(node), process.execPath, CLIENT, ...args];
    return new Promise((resolve, reject) => {
      const client = spawn('ip', command.map(String), { stdio: ['ignore', 'pipe', 'ignore'] });
      let output = '';
      client.stdout.on('data', (chunk) => (output += chunk));
      client.once('close', (code) => {
        if (code !== 0) reject(new Error(`client ${node}: exit ${code}`));
        else
          resolve(
            output
              .trim()
              .split('\n')
              .map((line) => JSON.parse(line)),
          );
      });
    });
  }

  #net(...args) {
    const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
  }
}
