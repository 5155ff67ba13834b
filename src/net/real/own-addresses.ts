/** The addresses of this machine, as its interfaces have them now. */

import { networkInterfaces } from 'node:os';
import { familyOfAddress } from '../address.ts';

/** At which addresses a listener is reached: at its own, or at all of this machine. */
export function addressesBehind(listening: string): readonly string[] {
  if (listening !== '0.0.0.0' && listening !== '::') return [listening];
  const family = familyOfAddress(listening);
  return Object.values(networkInterfaces())
    .flatMap((addresses = []) => addresses.map(({ address }) => address))
    .filter((address) => familyOfAddress(address) === family);
}
