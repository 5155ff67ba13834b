/** Registers of any JSON, by keys of any JSON: what Maelstrom's workload lin-kv is about. */

export type JsonCall =
  | { readonly op: 'read'; readonly key: unknown }
  | { readonly op: 'write'; readonly key: unknown; readonly value: unknown }
  | { readonly op: 'cas'; readonly key: unknown; readonly from: unknown; readonly to: unknown };

/** The body of a reply, without what it replies to. Codes are Maelstrom's (protocol.md, Errors). */
export type Reply = Readonly<Record<string, unknown>> & { readonly type: string };

const KEY_DOES_NOT_EXIST = 20;
const PRECONDITION_FAILED = 22;

export function errorReply(code: number, text: string): Reply {
  return { type: 'error', code, text };
}

export class JsonRegisters {
  /** By the key as JSON, which is one text for one key of the kinds that Maelstrom uses. */
  #values = new Map<string, unknown>();

  apply(call: JsonCall): Reply {
    const key = JSON.stringify(call.key);
    const value = this.#values.get(key);
    switch (call.op) {
      case 'read':
        return value === undefined ? missing(key) : { type: 'read_ok', value };
      case 'write':
        this.#values.set(key, call.value);
        return { type: 'write_ok' };
      case 'cas': {
        if (value === undefined) return missing(key);
        const [is, expected] = [JSON.stringify(value), JSON.stringify(call.from)];
        if (is !== expected) return errorReply(PRECONDITION_FAILED, `${key} is ${is}`);
        this.#values.set(key, call.to);
        return { type: 'cas_ok' };
      }
    }
  }

  pack(): Uint8Array {
    return new TextEncoder().encode(JSON.stringify([...this.#values]));
  }

  unpack(bytes: Uint8Array): void {
    this.#values = new Map(JSON.parse(new TextDecoder().decode(bytes)) as [string, unknown][]);
  }
}

function missing(key: string): Reply {
  return errorReply(KEY_DOES_NOT_EXIST, `${key} was never written`);
}

/** A call that a client's body means; undefined when it is none. */
export function readCall(body: Readonly<Record<string, unknown>>): JsonCall | undefined {
  const { type, key, value, from, to } = body;
  if (key === undefined) return undefined;
  if (type === 'read') return { op: type, key };
  if (type === 'write' && value !== undefined) return { op: type, key, value };
  if (type === 'cas' && from !== undefined && to !== undefined) return { op: type, key, from, to };
  return undefined;
}
