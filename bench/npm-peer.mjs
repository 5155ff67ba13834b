/**
 * A name server as npm packages make one: dns2, which calls back for each question and here finds
 * the answer in a table, or bns, which serves a zone file.
 *
 *   node bench/npm-peer.mjs FOLDER dns2|bns HOST PORT ORIGIN ZONEFILE
 *
 * FOLDER is where they are installed (`contestants.mjs`): nothing else here needs them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder = '', name = '', host = '', portText = '', origin = '', file = ''] = process.argv.slice(2); // prettier-ignore
const load = createRequire(join(folder, 'package.json'));
const port = Number(portText);
// bns's ciphers are a native module that npm was told not to build; it has them in JavaScript too.
process.env['NODE_BACKEND'] = 'js';
if (name === 'dns2') serveByDns2();
else await serveByBns();

function serveByDns2() {
  const dns2 = load('dns2');
  const { A, AAAA } = dns2.Packet.TYPE;
  /** @type {Map<string, string>} */
  const addresses = new Map();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [owner = '', type = '', address = ''] = line.split(' ');
    if (type === 'A' || type === 'AAAA') addresses.set(`${owner}.${origin} ${type}`, address);
  }
  /** @param {any} request @param {(response: unknown) => void} send */
  const handle = (request, send) => {
    const response = dns2.Packet.createResponseFromRequest(request);
    const [question] = request.questions;
    const type = question.type === A ? 'A' : 'AAAA';
    const address = addresses.get(`${question.name.toLowerCase()}. ${type}`);
    const record = { name: question.name, type: type === 'A' ? A : AAAA, class: 1, ttl: 300 };
    if (address !== undefined) response.answers.push({ ...record, address });
    send(response);
  };
  void dns2.createServer({ udp: true, handle }).listen({ udp: { port, address: host } });
}

async function serveByBns() {
  const { AuthServer } = load('bns');
  const server = new AuthServer({ tcp: false, edns: true, dnssec: false });
  server.on('error', () => {});
  server.setOrigin(origin);
  // It adds the wildcard's address to those of names that exist, elsewhere in the zone too.
  const lines = readFileSync(file, 'utf8').split('\n');
  writeFileSync(`${file}.bns`, lines.filter((line) => !line.startsWith('*')).join('\n'));
  server.setFile(`${file}.bns`);
  await server.bind(port, host);
}
