/** A zone for ts-dns to serve to both programs: a little of everything. */

const LONG = Array.from({ length: 40 }, (_, i) => `big TXT "${String(i).repeat(60).slice(0, 60)}"`);

export const OWN_ZONE: string = [
  '$ORIGIN rich.test.',
  '$TTL 3600',
  '@ SOA ns hostmaster.mail 2026112601 7200 900 1209600 300',
  '@ NS ns',
  '@ NS ns.elsewhere.test.',
  '@ MX 10 mail',
  '@ CAA 0 issue "ca.test"',
  '@ TXT "v=spf1 -all" "two strings"',
  'ns A 192.0.2.53',
  'ns AAAA 2001:db8::53',
  'mail A 192.0.2.25',
  'www A 192.0.2.80',
  'www A 192.0.2.81',
  'www AAAA 2001:db8::80',
  'alias CNAME www',
  'chain CNAME alias',
  'away CNAME host.elsewhere.test.',
  'lost CNAME nobody',
  '*.wild TXT "wild"',
  'sub NS ns.sub',
  'ns.sub A 192.0.2.54',
  'deep DNAME www',
  'a\\.b.esc\\032aped TXT "tab\\009 quote\\" back\\\\slash \\195\\169"',
  '_sip._udp SRV 1 2 5060 www',
  'key DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxIL fDLUT0rAK9iUzy1L53eKGQ==',
  'ds DS 60485 13 2 d4b7d520e7bb5f0f67674a0cceb1e3e0614b93c4f9e99b8383f6a1e4469da50a',
  'svc HTTPS 1 . alpn="h2,h3" ipv4hint=192.0.2.80',
  'odd TYPE65400 \\# 4 01020304',
  ...LONG,
  '',
].join('\n');

export const OWN_CONFIG: string = [
  'keys:',
  '  - name: own.test',
  '    secret: c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IQ==',
  'access:',
  "  transfer: [127.0.0.0/8, 'key own.test']",
  '',
].join('\n');
