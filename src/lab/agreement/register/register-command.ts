/** What a client asks of a register, as a command of the log: the body of the message's payload. */

import type { RegisterCall } from '../../history/history.ts';
import { messageFormat, type MessageFormat, type MessageOf } from '../../process/message-format.ts';
import { bodyOf, wrapPayload } from '../../process/payload.ts';
import type { Payload } from '../../process/process.ts';

const SHAPES = {
  read: { key: 'rest' },
  write: { value: 'u32', key: 'rest' },
  cas: { from: 'u32', value: 'u32', key: 'rest' },
} as const;
const format: MessageFormat<MessageOf<typeof SHAPES>> = messageFormat(SHAPES);

export function packCall(message: number, call: RegisterCall): Payload {
  const key = Uint8Array.from(call.key, (letter) => letter.charCodeAt(0));
  return wrapPayload(message, format.write({ ...call, key }));
}

/** Undefined for what no client has sent. */
export function unpackCall(payload: Payload): RegisterCall | undefined {
  const message = format.read(bodyOf(payload));
  return message && { ...message, key: String.fromCharCode(...message.key) };
}
