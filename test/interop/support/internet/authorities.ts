/** Starts the generated internet in a lab: its network, and one NSD or BIND for each host. */
import type { Lab } from '../lab.ts';
import { startBind, startNsd } from '../peers.ts';
import { allHosts } from './hosts.ts';
import { buildNetwork } from './network.ts';
import type { PrivateInternet } from './private-internet.ts';

const DNS_PORT = 53;

export async function startInternet(lab: Lab, internet: PrivateInternet): Promise<void> {
  buildNetwork(lab);
  // One after the other: eight programs that start at once are slower than that.
  for (const { id, software, addresses } of allHosts) {
    const [address, ...others] = addresses;
    const zones = internet.zones
      .filter((zone) => zone.hosts.has(id))
      .map(({ origin, text }) => ({ origin, file: lab.write(`zones/${origin}zone`, text) }));
    const options = { address: address!, others, ports: [DNS_PORT] as const, zones };
    await (software === 'nsd' ? startNsd(lab, options) : startBind(lab, options));
  }
}
