/** The plain internet with a hostile zone in it. */
import {
  ALIAS_ZONE,
  COM,
  COM_ZONE,
  EXAMPLE,
  EXAMPLE_ZONE,
  Internet,
  ORG,
  ORG_ZONE,
  ROOT,
  ROOT_ZONE,
  zone,
  zones,
  type Responder,
} from './fixture.ts';

export const EVIL = '192.0.2.66';
export const victims: Responder = zones({ 'example.com.': EXAMPLE_ZONE, 'alias.org.': ALIAS_ZONE });

/** The plain internet with evil.com., whose server is `evil`. */
export async function withEvil(evil: Responder, honest: Responder = victims): Promise<Internet> {
  const internet = new Internet();
  const com = `${COM_ZONE}
    evil    3600 NS ns.evil
    ns.evil 3600 A  ${EVIL}`;
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', com));
  await internet.serve(ORG, zone('org.', ORG_ZONE));
  await internet.serve(EXAMPLE, honest);
  await internet.serve(EVIL, evil);
  return internet;
}
