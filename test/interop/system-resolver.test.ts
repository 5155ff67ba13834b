/**
 * ts-dns as the resolver of a whole system: a network namespace whose resolv.conf names 127.0.0.1,
 * ts-dns on 127.0.0.1:53, and below it a private root, top-level domain and domain on port 53 of
 * addresses of their own. Every program here is the ordinary one, asked in the ordinary way.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { parseAnswer } from './support/answers.ts';
import { Lab, type Program } from './support/lab.ts';
import { type Requirement, findObstacle, titleOf } from './support/requirements.ts';
import { startTsDns } from './support/ts-dns.ts';

const ROOT = '10.53.0.1';
const TLD = '10.53.0.2';
const DOMAIN = '10.53.0.3';
const WEB = '10.53.0.80';
const WEB_V6 = 'fd53::80';
const PAGE = 'found by name';

const rootZone = `
$ORIGIN .
$TTL 3600
@       SOA  ns.root. hostmaster.root. ( 1 3600 900 604800 60 )
@       NS   ns.root.
ns.root. A   ${ROOT}
test.   NS   ns.test.
ns.test. A   ${TLD}
`;

const tldZone = `
$ORIGIN test.
$TTL 3600
@       SOA  ns hostmaster ( 1 3600 900 604800 60 )
@       NS   ns
ns      A    ${TLD}
site    NS   ns.site
ns.site A    ${DOMAIN}
`;

const domainZone = `
$ORIGIN site.test.
$TTL 3600
@       SOA   ns hostmaster ( 1 3600 900 604800 60 )
@       NS    ns
@       MX    10 www
ns      A     ${DOMAIN}
www     300 A     ${WEB}
www     300 AAAA  ${WEB_V6}
alias   60  CNAME www
`;

const hints = `
.        3600000 NS ns.root.
ns.root. 3600000 A  ${ROOT}
`;

const webServer = `
require('node:http')
  .createServer((_, response) => response.end(${JSON.stringify(PAGE)}))
  .listen(80, '::', () => console.log('serving'));
`;

const programs = ['getent', 'host', 'curl', 'dig', 'kdig', 'drill'] as const;
const required: readonly Requirement[] = programs.map((name) => `program ${name}` as const);
const obstacle = findObstacle(['network namespaces', ...required]);

describe.skipIf(obstacle !== undefined)(titleOf('the resolver of a system', obstacle), () => {
  const lab = new Lab({
    namespace: obstacle === undefined,
    addresses: [ROOT, TLD, DOMAIN, WEB].map((address) => `${address}/32`).concat(`${WEB_V6}/128`),
  });
  let resolver: Program;

  beforeAll(async () => {
    await serveZone(ROOT, '.', lab.write('root.zone', rootZone));
    await serveZone(TLD, 'test.', lab.write('test.zone', tldZone));
    await serveZone(DOMAIN, 'site.test.', lab.write('site.test.zone', domainZone));
    const hintsFile = lab.write('root.hints', hints);
    resolver = await startTsDns(
      lab,
      'serve',
      '--recursion',
      '--listen',
      '127.0.0.1:53',
      '--root-hints',
      hintsFile,
    );
    const web = lab.start(process.execPath, '--eval', webServer);
    await web.until('serves', () => web.output.includes('serving'));
  });
  afterAll(() => lab.close());

  async function serveZone(address: string, origin: string, file: string): Promise<void> {
    const zone = `${origin}=${file}`;
    await startTsDns(lab, 'serve', '--no-recursion', '--listen', `${address}:53`, '--zone', zone);
  }

  test('glibc: getent ahosts finds both addresses', () => {
    const addresses = lab
      .must('getent', 'ahosts', 'www.site.test')
      .split('\n')
      .filter((line) => line.includes('STREAM'))
      .map((line) => line.split(/\s+/)[0]);
    expect(new Set(addresses)).toEqual(new Set([WEB, WEB_V6]));
  });

  test('glibc: an alias is followed', () => {
    expect(lab.must('getent', 'ahostsv4', 'alias.site.test')).toContain(WEB);
  });

  test('glibc: a name that does not exist is reported as such, at once', () => {
    const startMs = performance.now();
    expect(lab.run('getent', 'ahosts', 'nobody.site.test').status).toBe(2);
    // Were it an error and no answer, glibc would try again for two times two seconds.
    expect(performance.now() - startMs).toBeLessThan(2000);
  });

  test('host', () => {
    const text = lab.must('host', 'site.test');
    expect(text).toContain('site.test mail is handled by 10 www.site.test.');
    expect(lab.must('host', 'www.site.test')).toContain(`has address ${WEB}`);
    const missing = lab.run('host', 'nobody.site.test');
    expect(missing.stdout).toContain('not found: 3(NXDOMAIN)');
  });

  test('curl fetches a page over IPv4 and IPv6', () => {
    expect(lab.must('curl', '-4', '--silent', '--show-error', 'http://www.site.test/')).toBe(PAGE);
    expect(lab.must('curl', '-6', '--silent', '--show-error', 'http://alias.site.test/')).toBe(
      PAGE,
    );
  });

  test.each(['dig', 'kdig', 'drill'])('%s, told no server', (client) => {
    const { status, flags, answer } = parseAnswer(lab.must(client, 'alias.site.test', 'A'));
    expect(status).toBe('NOERROR');
    expect(flags).toEqual(['qr', 'ra', 'rd']);
    expect(answer.map((record) => record.replace(/ \d+ /, ' '))).toEqual([
      'alias.site.test. IN CNAME www.site.test.',
      `www.site.test. IN A ${WEB}`,
    ]);
  });

  test('SIGTERM ends the resolver with exit code 0', async () => {
    resolver.signal('SIGTERM');
    expect(await resolver.exit()).toBe(0);
  });
});
