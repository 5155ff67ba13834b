/** How the page looks: on light screens, dark screens and paper. */

export const PAGE_STYLE: string = `
:root { color-scheme: light dark; --paper: #fff; --ink: #16181d; --faint: #5b616b; --rule: #dcdfe4;
  --lost: #d55e00; --hold: #f0e442; --accent: #0072b2; --veil: 0.72; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #16181d; --ink: #e8eaed; --faint: #a3a9b3; --rule: #363b44; --lost: #ff8a3d;
    --hold: #b8ac1f; --accent: #6cb8ea; --tag0: #56b4e9; --tag1: #2fc79c; --tag2: #e39cc2;
    --tag3: #e69f00; --tag4: #9ad1f2; --tag5: #c9a24a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem 1.5rem 3rem; max-width: 1240px; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, 'DejaVu Sans', sans-serif; }
h1 { font-size: 1.35rem; margin: 0.4rem 0; }
h2 { font-size: 1.05rem; margin: 1.6rem 0 0.3rem; }
h3 { font-size: 0.95rem; margin: 0.8rem 0 0.2rem; }
blockquote { margin: 0.2rem 0; padding-left: 0.8rem; border-left: 3px solid var(--accent);
  font-style: italic; }
.question { margin: 0.4rem 0 1rem; font-weight: 600; }
.faint, .time { color: var(--faint); }
.keys { margin: 0.2rem 0 0; font-size: 0.85rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.15rem 0.9rem 0.15rem 0; text-align: left;
  border-bottom: 1px solid var(--rule); }
th { font-weight: 600; }
.measured td:nth-child(2), .measured td:nth-child(3), .measured th:nth-child(2),
.measured th:nth-child(3) { text-align: right; }
.disagrees td { font-weight: 700; color: var(--lost); }
.violation { font-weight: 600; color: var(--lost); margin: 0.4rem 0; }
.controls { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; margin-top: 1.4rem; }
#slider { flex: 1 1 14rem; accent-color: var(--accent); }
button, select, input[type='search'] { font: inherit; color: inherit; background: var(--paper);
  border: 1px solid var(--faint); border-radius: 4px; padding: 0.15rem 0.6rem; }
button { cursor: pointer; }
#play { min-width: 4.6rem; }
button:focus-visible, input:focus-visible, select:focus-visible, ol:focus-visible {
  outline: 2px solid var(--accent); outline-offset: 1px; }
.link { border: none; padding: 0; background: none; text-align: left; text-decoration: none; }
.link:hover { text-decoration: underline; }
.violation .link, .because .link { text-decoration: underline; text-underline-offset: 2px; }
#diagram { overflow-x: auto; margin: 0.4rem 0 0.6rem; }
#diagram svg { display: block; }
#diagram .dot, #diagram .message { cursor: pointer; }
.veil { fill: var(--paper); fill-opacity: var(--veil); pointer-events: none; }
.ring { fill: none; stroke: var(--accent); stroke-width: 3; pointer-events: none; }
.chained .flight { stroke-width: 4; }
.chained .receive, .chained .note { stroke-width: 3; }
.chained .timer, .chained.timer { stroke-width: 4; }
.columns { display: grid; grid-template-columns: minmax(18rem, 1fr) minmax(20rem, 1.2fr);
  gap: 2rem; }
@media (max-width: 720px) { .columns { grid-template-columns: 1fr; } }
.now { font-weight: 600; margin: 0.3rem 0 0.5rem; }
.states td { padding-right: 1.2rem; overflow-wrap: anywhere; }
.changed td:last-child { font-weight: 700; }
ol { margin: 0; padding: 0; list-style: none; }
#log { height: 20rem; overflow-y: auto; border: 1px solid var(--rule); border-radius: 4px;
  padding: 0.3rem 0; font-size: 0.9rem; position: relative; }
#log li { display: flex; gap: 0.8rem; padding: 0 0.6rem; border-left: 4px solid transparent; }
#log .time { flex: 0 0 6.5rem; text-align: right; font-variant-numeric: tabular-nums; }
#log .lose { color: var(--lost); }
#log .deliver { font-weight: 600; }
#log li[aria-current] { border-left-color: var(--accent); background: var(--rule); }
.log p { margin: 0.3rem 0; }
.plot { margin: 1.2rem 0; padding: 0.2rem; background: #fff; border-radius: 4px; width: fit-content;
  max-width: 100%; overflow-x: auto; }
.plot svg { display: block; max-width: 100%; height: auto; }
.swept { margin: 0.8rem 0; }
.swept .figure { text-align: right; }
.repro { overflow-wrap: anywhere; }
@media print {
  :root { color-scheme: light; --paper: #fff; --ink: #000; --faint: #444; --rule: #ccc;
    --lost: #d55e00; --hold: #f0e442; --accent: #0072b2; --tag0: #0072b2; --tag1: #009e73;
    --tag2: #cc79a7; --tag3: #e69f00; --tag4: #56b4e9; --tag5: #8c6d1f; }
  body { max-width: none; padding: 0; font-size: 11pt; }
  .controls, .keys, .log, .veil, .ring { display: none; }
  #diagram { overflow: visible; }
  #diagram svg { width: 100%; height: auto; }
  .plot { padding: 0; }
  section, table, figure { break-inside: avoid; }
}
`;
