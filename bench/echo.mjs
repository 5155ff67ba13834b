/**
 * The limit of the kernel: sends every datagram back as it came, but for the bit that makes it a
 * response.
 *
 *   node bench/echo.mjs HOST:PORT dgram|batch
 */
import { createRealRuntime } from '../dist/net/real/runtime.js';

const [place = '', io = ''] = process.argv.slice(2);
const [address = '', port = ''] = place.split(':');
const { network } = createRealRuntime({ udp: { io: io === 'dgram' ? 'dgram' : 'batch' } });
await network.bindUdp({ address, port: Number(port) }, (datagram, _peer, reply) => {
  reply.set(datagram);
  reply[2] = (datagram[2] ?? 0) | 0x80;
  return datagram.length;
});
