/**
 * What the checkers of BIND, Knot and NSD think of zones with one thing wrong each, beside what
 * ours thinks: where BIND and Knot agree, so do we, or the zone says why not.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { CHECKED_ZONES } from '../zone/checked-zones.ts';
import { Lab } from './support/lab.ts';
import { findObstacle, titleOf } from './support/requirements.ts';
import { checkout } from './support/ts-dns.ts';

const obstacle = findObstacle([
  'program named-checkzone',
  'program kzonecheck',
  'program nsd-checkzone',
]);

describe.skipIf(obstacle !== undefined)(titleOf('checkers of zones', obstacle), () => {
  const lab = new Lab();
  afterAll(() => lab.close());

  test.each(CHECKED_ZONES)('$what', ({ zone, found, refusedBy, because }) => {
    const file = lab.write('checked.zone', zone);
    const verdicts = {
      BIND: lab.run('named-checkzone', '-i', 'full', 'example.', file).status !== 0,
      Knot: lab.run('kzonecheck', '-o', 'example.', file).status !== 0,
      NSD: lab.run('nsd-checkzone', 'example.', file).status !== 0,
    };
    const theirs = Object.entries(verdicts).flatMap(([name, refuses]) => (refuses ? [name] : []));
    expect(theirs).toEqual(refusedBy);
    const ours = lab.run(process.execPath, `${checkout}bin/ts-dns`, 'check-zone', 'example.', file);
    expect(ours.status !== 0).toBe(found.some((problem) => problem.startsWith('error')));
    const isAgreed = verdicts.BIND === verdicts.Knot;
    const isOurs = verdicts.BIND === (ours.status !== 0);
    if (isAgreed && because === undefined) expect(isOurs).toBe(true);
  });
});
