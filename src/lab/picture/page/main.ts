/**
 * The script of a run's page: a cursor moves through the events; the diagram, the log and the
 * details follow it. It needs nothing but the page that it is in.
 */

import { eventsOf, type PageData } from '../page-data.ts';
import { tellStory } from '../story.ts';
import { Causes } from '../causes.ts';
import { Details } from './details.ts';
import { DiagramView } from './diagram-view.ts';
import { find } from './find.ts';
import { Log } from './log.ts';
import { Player } from './player.ts';

const data = JSON.parse(find('#data').textContent ?? '') as PageData;
const everything = eventsOf(data);
const events = everything.filter(({ kind }) => kind !== 'state');
const placeOf = new Map(events.map(({ id }, place) => [id, place]));

const causes = new Causes(everything);
const view = new DiagramView(tellStory(events), data, (id) => show(id));
const details = new Details(causes, data.nodes, (id) => show(id));
const log = new Log(events, data.nodes, (id) => show(id));
const player = new Player(events, (place) => update(place));

function show(id: number): void {
  const place = placeOf.get(id);
  if (place !== undefined) player.goTo(place);
}

function update(place: number): void {
  const event = events[place];
  if (!event) return;
  view.show(event, causes.chainOf(event));
  details.show(event);
  log.show(place);
}

for (const link of document.querySelectorAll<HTMLElement>('[data-show]')) {
  link.addEventListener('click', () => show(Number(link.dataset['show'])));
}

/** Keys work everywhere but where one types. */
const KEYS: Readonly<Record<string, () => void>> = {
  ArrowRight: () => player.step(1),
  ArrowLeft: () => player.step(-1),
  Home: () => player.goTo(0),
  End: () => player.goTo(events.length - 1),
  ' ': () => player.toggle(),
  '+': () => view.zoom(0.5),
  '-': () => view.zoom(2),
  '0': () => view.whole(),
  '/': () => log.focusSearch(),
};

document.addEventListener('keydown', (pressed) => {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return;
  const { target } = pressed;
  const isTyping = target instanceof HTMLInputElement && target.type === 'search';
  const isChoosing = target instanceof HTMLSelectElement;
  // A button that has the focus is pressed by the space bar.
  const isPressing = target instanceof HTMLButtonElement && pressed.key === ' ';
  const action = KEYS[pressed.key];
  if (isTyping || isChoosing || isPressing || !action) return;
  pressed.preventDefault();
  action();
});

find('#zoom-in').addEventListener('click', () => view.zoom(0.5));
find('#zoom-out').addEventListener('click', () => view.zoom(2));
find('#whole').addEventListener('click', () => view.whole());
player.goTo(0);
