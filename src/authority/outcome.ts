/** What comes of a NOTIFY or an UPDATE: a value that can be cloned, so that workers can be told. */

import { emptyAnswer, type Answer, type ExtendedErrorValue } from '../query/query.ts';
import { ExtendedError, Rcode } from '../wire/iana.ts';

export interface Outcome {
  readonly rcode: number;
  readonly error?: ExtendedErrorValue;
}

export const done: Outcome = { rcode: Rcode.NOERROR };

export const notOurs: Outcome = {
  rcode: Rcode.NOTAUTH,
  error: { code: ExtendedError.NOT_AUTHORITATIVE, text: 'no zone of this server has this name' },
};

export function refusal(text: string): Outcome {
  return { rcode: Rcode.REFUSED, error: { code: ExtendedError.PROHIBITED, text } };
}

/** Of what would be right at another time. */
export function notNow(text: string): Outcome {
  return { rcode: Rcode.SERVFAIL, error: { code: ExtendedError.NOT_READY, text } };
}

export function answerOf({ rcode, error }: Outcome): Answer {
  return emptyAnswer(rcode, error && [error]);
}
