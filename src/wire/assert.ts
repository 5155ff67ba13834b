/**
 * For bugs of ours, which nothing on the wire can cause. Node's own `assert` looks at the terminal
 * when it is loaded, which takes a tenth of the time in which `ts-dig` answers.
 */

export function assert(holds: boolean, message: string): asserts holds {
  if (!holds) throw new AssertionError(message);
}

class AssertionError extends Error {
  override readonly name = 'AssertionError';
}
