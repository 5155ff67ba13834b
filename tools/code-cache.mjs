/**
 * Writes down what V8 makes of `ts-dig`, after one question has been asked and answered, so that
 * functions which every run calls are among it: `src/cli/load-compiled.ts` reads it.
 *
 *   node tools/code-cache.mjs FOLDER     of FOLDER/bundle/ts-dig-always.cjs
 *
 * Where that cannot be, there is no cache, and `ts-dig` starts as slowly as it must.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const HOST = '127.0.0.1';
/** 'A 192.0.2.1' for the name in the question, behind 12 octets of header. */
const RECORD = Buffer.from('c00c0001000100000e100004c0000201', 'hex');
/** An OPT record (RFC 6891) of 1232 octets. */
const OPT = Buffer.from('00002904d0000000000000', 'hex');

const folder = process.argv[2];
if (folder === undefined) throw new Error('give the folder of the compiled modules');
const require = createRequire(import.meta.url);
/** @type {typeof import('../src/cli/load-compiled.ts')} */
const { cacheOf, loadCompiled } = await import(
  pathToFileURL(resolve(folder, 'cli/load-compiled.js')).href
);
const bundle = resolve(folder, 'bundle');
const part = join(bundle, 'ts-dig-always.cjs');
const script = loadCompiled(part, undefined);
/** @type {typeof import('../src/cli/ts-dig.ts')} */
const { main } = require(join(bundle, 'ts-dig.cjs'));

const server = createSocket('udp4');
server.on('message', (query, { port }) => server.send(answerTo(query), port, HOST));
try {
  server.bind(0, HOST);
  await once(server, 'listening');
  const { port } = server.address();
  await main([`@${HOST}`, '-p', String(port), '+tries=1', '+time=1', 'www.example', 'A']);
  writeFileSync(cacheOf(part), script.createCachedData());
} finally {
  server.close();
}

/** @param {Buffer} query */
function answerTo(query) {
  const questionEnd = query.indexOf(0, 12) + 5;
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 6);
  header.writeUInt16BE(1, 10);
  return Buffer.concat([header, query.subarray(12, questionEnd), RECORD, OPT]);
}
