/**
 * What the batched adapter uses of koffi. Declared here and not taken from the package, because
 * koffi is an optional dependency: the code must compile without it.
 */

declare module 'koffi' {
  interface Library {
    func(prototype: string): unknown;
  }
  /** null: the program itself. Throws when there is no such library. */
  export function load(path: string | null): Library;
  /** Of the last call on this thread. */
  export function errno(): number;
  export function address(memory: ArrayBuffer): bigint;
  export const os: { readonly errno: Readonly<Record<string, number>> };
}
