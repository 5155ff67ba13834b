/**
 * How diagrams look. Shapes and dashes carry the meaning, colours only help: a diagram printed in
 * black and white says the same. The colours are those of Okabe and Ito, which people with any
 * colour vision tell apart. A page may give other inks through the custom properties.
 */

/** For sorts of datagrams, in the order of their appearance; then from the start again. */
const TAG_COLORS = ['#0072b2', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c6d1f'];

export function tagColor(index: number): string {
  const place = index % TAG_COLORS.length;
  return `var(--tag${place}, ${TAG_COLORS[place]})`;
}

/** For files: the custom properties replaced by their defaults, as not every program knows them. */
export function standalone(markup: string): string {
  return markup.replaceAll(/var\(--\w+, (#[0-9a-f]+)\)/g, '$1');
}

const FONT_PX = 12;
/** Wide letters included, so that what is thought to fit does. */
export const LETTER_PX = 6.6;

export const STYLE: string = `
.diagram { font: ${FONT_PX}px system-ui, 'DejaVu Sans', sans-serif; }
.diagram text { fill: var(--ink, #000); }
.paper { fill: var(--paper, #fff); }
.title { font-size: 15px; font-weight: 600; }
.diagram .faint { fill: var(--faint, #555); font-size: 11px; }
.lane { stroke: var(--ink, #000); stroke-width: 1; }
.node { font-weight: 600; }
.grid { stroke: var(--rule, #ddd); stroke-width: 1; }
.flight { fill: none; stroke-width: 1.6; }
.second { stroke-width: 1; }
.again { stroke-dasharray: 6 4; }
.away { stroke-dasharray: 1 4; }
.head { stroke: none; }
.cross { stroke: var(--lost, #d55e00); stroke-width: 2.2; fill: none; }
.label { font-size: 11px; text-anchor: middle; paint-order: stroke; stroke: var(--paper, #fff);
  stroke-width: 3.5px; stroke-linejoin: round; }
.receive { fill: var(--paper, #fff); stroke: var(--ink, #000); stroke-width: 1.4; }
.deliver { fill: var(--ink, #000); }
.submit { fill: var(--ink, #000); }
.timer { stroke: var(--ink, #000); stroke-width: 1.4; }
.note { fill: none; stroke: var(--ink, #000); }
.hold { fill: var(--hold, #f0e442); stroke: var(--ink, #000); stroke-width: 0.8; }
.many { stroke: none; }
.down, .paused, .cut { stroke: var(--faint, #555); stroke-width: 0.8; }
.hatch { stroke: var(--faint, #555); stroke-width: 1; }
.specks { fill: var(--faint, #555); }
.wash { fill: var(--faint, #555); fill-opacity: 0.1; }
.list { font-size: 11px; }
.diagram .differs { fill: var(--lost, #d55e00); font-weight: 700; text-decoration: underline; }
.wrong { fill: none; stroke: var(--lost, #d55e00); stroke-width: 2.5; }
`;
