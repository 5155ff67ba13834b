/** What we use of `vega-lite`; see `vega.d.ts`. */

/** `spec` as Vega-Lite has it, as Vega has it. */
export function compile(
  spec: object,
  options: { readonly logger: { level(): number } },
): { readonly spec: object };
