import { test } from 'vitest';
import { decodeMessage } from '../../src/wire/decode.ts';
import { encodeInto, encodeMessage } from '../../src/wire/encode.ts';
import { createMessage } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { skipName } from '../../src/wire/name-wire.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { groupRRsets } from '../../src/wire/record.ts';
import { recordOf, hex, join, rawMessage, rawRecord } from './support.ts';
test('speed', () => {
  const question = { name: nameOf('www.example.com.'), type: 1, class: 1 };
  const answers = [1,2,3,4].map((n) => recordOf('www.example.com.', 'A', `192.0.2.${n}`));
  const q = encodeMessage(createMessage({ id: 1, rd: true, questions: [question], edns: plainEdns() }));
  const r = encodeMessage(createMessage({ qr: true, questions: [question], answers }));
  const out = new Uint8Array(1232);
  const outQ = {...createMessage({ id: 1, rd: true, questions: [question], edns: plainEdns() }), answers: [], authorities: [], additionals: []};
  const outR = {...createMessage({ qr: true, questions: [question]}), answers: groupRRsets(answers), authorities: [], additionals: []};
  let sink = 0;
  const deep = join(...new Array<Uint8Array>(127).fill(hex('0161')), Uint8Array.of(0));
  const d = join(new Uint8Array(12), deep, hex('c00c'));
  const bench = (name: string, f: () => void, n = 300000): void => {
    for (let i = 0; i < n/3; i++) f();
    let best = Infinity;
    for (let k = 0; k < 5; k++) { const t = performance.now(); for (let i = 0; i < n; i++) f(); best = Math.min(best, (performance.now() - t) / n * 1e6); }
    console.log(name, best.toFixed(0), 'ns');
  };
  bench('decode query + access', () => { const m = decodeMessage(q); if (m.ok) sink += m.value.questions[0]!.name.key.length + m.value.questions[0]!.type; });
  bench('decode query no access', () => { const m = decodeMessage(q); if (m.ok) sink += m.value.questions.length; });
  bench('decode 4A', () => { const m = decodeMessage(r); if (m.ok) sink += m.value.answers.length; });
  bench('decode 4A + access', () => { const m = decodeMessage(r); if (m.ok) for (const a of m.value.answers) sink += a.name.labelCount + a.type + a.ttl + a.rdata.length; });
  bench('encodeInto query', () => { sink += encodeInto(out, outQ); });
  bench('encodeInto 4A', () => { sink += encodeInto(out, outR); });
  bench('encodeMessage 4A (64K alloc)', () => { sink += encodeMessage(createMessage({ qr: true, questions: [question], answers })).length; }, 30000);
  bench('skipName 127 labels', () => { sink += skipName(d, 267, d.length); });
});
