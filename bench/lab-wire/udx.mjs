/**
 * udx-native through the relay. It is no dependency of ours: the bench installs it beside the
 * packages, in node_modules/.cache, when it is not there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { openRelay } from './relay.mjs';
import { splitter } from './splitter.mjs';

const VERSION = '1.21.3';
const FOLDER = fileURLToPath(new URL('../../node_modules/.cache/lab-wire/', import.meta.url));

export const udxName = `udx-native ${VERSION}`;

/** @param {import('./line.mjs').Line} line */
export async function openUdx(line, messageOctets) {
  const UDX = load();
  const udx = new UDX();
  const [here, there] = [udx.createSocket(), udx.createSocket()];
  for (const socket of [here, there]) socket.bind(0, '127.0.0.1');
  const relay = await openRelay(line, there.address().port);
  let deliver = () => {};
  const receiving = udx.createStream(2, {
    // The relay's port is known when the first packet comes through it.
    firewall: (_socket, port, host) => {
      receiving.connect(there, 1, port, host);
      return false;
    },
  });
  const sending = udx.createStream(1);
  for (const stream of [sending, receiving]) stream.on('error', () => {});
  receiving.on(
    'data',
    splitter(messageOctets, (message) => deliver(message)),
  );
  sending.connect(here, 2, relay.port, '127.0.0.1');
  let isReady = true;
  sending.on('drain', () => (isReady = true));
  return {
    isReady: () => isReady,
    write: (message) => (isReady = sending.write(Buffer.from(message))),
    onMessage: (listener) => (deliver = listener),
    async close() {
      for (const stream of [sending, receiving]) stream.destroy();
      await Promise.allSettled([here.close(), there.close()]);
      return await relay.close();
    },
  };
}

function load() {
  if (!existsSync(`${FOLDER}node_modules/udx-native`)) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(`${FOLDER}package.json`, '{ "private": true }\n');
    const words = ['install', '--no-audit', '--no-fund', `udx-native@${VERSION}`];
    const { status, stderr } = spawnSync('npm', words, { cwd: FOLDER, encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm ${words.join(' ')} failed: ${stderr}`);
  }
  return createRequire(FOLDER)('udx-native');
}
