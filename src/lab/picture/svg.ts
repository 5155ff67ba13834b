/** SVG as text: elements with attributes, everything that comes from outside escaped. */

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element; `children` are markup already. Attributes that are undefined are left out. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const told = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        ` ${key}="${escapeText(typeof value === 'number' ? round(value) : (value ?? ''))}"`,
    )
    .join('');
  return children.length === 0
    ? `<${name}${told}/>`
    : `<${name}${told}>${children.join('')}</${name}>`;
}

/** Text that stands between tags or in an attribute. */
export function escapeText(text: string): string {
  return text
    .replaceAll(UNFIT, '\u{fffd}')
    .replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);
}

/** What no XML document may contain, not even escaped. */
const UNFIT = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A tenth of a pixel is more than an eye sees, and a third of the file. */
function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
