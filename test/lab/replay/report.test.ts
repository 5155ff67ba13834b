import { describe, expect, test } from 'vitest';
import { printOutcome, printTally, tallyOf } from '../../../src/lab/replay/report.ts';
import { check, query, ROOT, run } from './scenes.ts';

const QUESTION = 'www.example. IN A';

describe('an outcome is', () => {
  test('one line when it passes', async () => {
    const parts = [ROOT, query(1, QUESTION), check(2, QUESTION, { reply: 'QR RD RA SERVFAIL' })];
    expect(printOutcome(await run(parts))).toBe('PASS test.rpl');
  });

  test('one line when something is missing', async () => {
    const outcome = await run([ROOT], { config: 'server:\naggressive-nsec: yes' });
    expect(printOutcome(outcome)).toBe('SKIP test.rpl: needs aggressive use of NSEC (RFC 8198)');
  });

  test('one line when the file is none', async () => {
    expect(printOutcome(await run(['STEP 1 DANCE\n']))).toBe(
      "ERROR test.rpl:9: there is no step 'DANCE'",
    );
  });

  test('the step, what was said, and what nobody knew when it fails', async () => {
    const text = printOutcome(await run([ROOT, query(1, QUESTION), check(2, QUESTION)]));
    expect(text.split('\n').map((line) => line.replaceAll(/ {2,}/g, '  '))).toEqual([
      'FAIL test.rpl: step 2: expected rcode NOERROR, got rcode SERVFAIL',
      '  step 2 (line 38), what was said before:',
      '  0.000 s  client 127.0.0.1 → resolver, udp  www.example. A [rd]',
      '  0.000 s  resolver → 192.0.2.1, udp  www.example. A [none] edns',
      '  0.000 s  192.0.2.1 → resolver (line 20)  www.example. A NOERROR [qr]',
      '  authority  example. 3600 IN NS ns.example.',
      '  additional  ns.example. 3600 IN A 192.0.2.2',
      '  0.000 s  resolver → 192.0.2.1, tcp  . NS [none] edns',
      '  0.000 s  192.0.2.1 → resolver (line 11)  . NS NOERROR [qr aa]',
      '  answer  . 3600 IN NS root.',
      '  0.000 s  resolver → 192.0.2.2, udp  www.example. A [none] edns',
      '  0.000 s  192.0.2.2 → resolver (unscripted)  www.example. A SERVFAIL [qr] edns',
      '  0.000 s  resolver → client 127.0.0.1, udp  www.example. A SERVFAIL [qr rd ra]',
      '  queries that the scenario does not know:',
      '  192.0.2.2 www.example. A',
    ]);
  });
});

test('the closing line counts', async () => {
  const passed = await run([ROOT]);
  const skipped = await run([ROOT], { config: 'server:\naggressive-nsec: yes' });
  expect(printTally(tallyOf([passed, passed, skipped]))).toBe('2 passed, 0 failed, 1 skipped');
  const unusable = await run(['STEP 1 DANCE\n']);
  expect(printTally(tallyOf([unusable]))).toBe('0 passed, 0 failed, 0 skipped, 1 unusable');
});

test('a scenario goes the same way each time', async () => {
  const parts = [ROOT, query(1, QUESTION), check(2, QUESTION)];
  expect(await run(parts, { isVerbose: true })).toEqual(await run(parts, { isVerbose: true }));
});
