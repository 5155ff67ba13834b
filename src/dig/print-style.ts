/** How records are written, out of the settings: the same for all records of a message. */

import type { DnsName } from '../wire/name.ts';
import type { Globals, Settings } from './settings.ts';

/** The settings that decide it. */
export type StyleSettings = Pick<
  Settings,
  | 'showsTtl'
  | 'showsClass'
  | 'showsCrypto'
  | 'multiline'
  | 'recordComments'
  | 'ttlUnits'
  | 'unknownFormat'
  | 'expandsAaaa'
>;

/** What decides it beside the settings. */
export interface StyleExtras {
  readonly splitWidth?: Globals['splitWidth'];
  /** Shows names in Unicode (RFC 5891). Default: in A-labels. */
  readonly toUnicode?: ((name: string) => string) | undefined;
}

export interface Style {
  readonly showsTtl: boolean;
  readonly showsClass: boolean;
  readonly ttlUnits: boolean;
  readonly columns: Columns;
  readonly data: DataStyle;
  /** A name as text. */
  nameText(name: DnsName): string;
}

/** Columns where the fields of a record begin, the data last. */
export interface Columns {
  readonly ttl: number;
  readonly class: number;
  readonly type: number;
  readonly data: number;
}

export interface DataStyle {
  readonly multiline: boolean;
  readonly comments: boolean;
  readonly showsCrypto: boolean;
  readonly unknownFormat: boolean;
  readonly expandsAaaa: boolean;
  /** Digits in a piece of hexadecimal or base64; 0: they stay in one piece. */
  readonly width: number;
  readonly toUnicode: ((name: string) => string) | undefined;
}

/** dig's own widths: what a line of 80 has left behind its columns. */
const WIDTH = 56;
const MULTILINE_WIDTH = 44;

export function styleOf(settings: StyleSettings, extras: StyleExtras = {}): Style {
  const { showsTtl, showsClass, ttlUnits, multiline, recordComments } = settings;
  const { toUnicode } = extras;
  return {
    showsTtl,
    showsClass,
    ttlUnits,
    columns: columnsOf(settings),
    data: dataStyle(settings, extras, { multiline, comments: recordComments ?? multiline }),
    nameText: (name) => unicodeName(name.toString(), toUnicode),
  };
}

/** Of `+short`, where everything stands on one line. */
export function shortDataStyle(settings: StyleSettings, extras: StyleExtras = {}): DataStyle {
  const comments = settings.recordComments ?? false;
  return dataStyle(settings, extras, { multiline: false, comments });
}

/** Of `+yaml`, which heeds none of the settings but the width of pieces. */
export function yamlDataStyle(extras: StyleExtras): DataStyle {
  const plain = { showsCrypto: true, unknownFormat: false, expandsAaaa: false };
  return dataStyle(plain, extras, { multiline: false, comments: false });
}

/**
 * A name with its A-labels in Unicode, or as it is where one of them is none that IDNA knows. Label
 * by label, because the machine's `toUnicode` is for hosts of URLs: of 'x/y' it would show 'x'.
 */
export function unicodeName(text: string, toUnicode: StyleExtras['toUnicode']): string {
  if (!toUnicode || !/(^|\.)xn--/i.test(text)) return text;
  const parts = text.match(/(?:\\.|[^\\.])+|\./g) ?? [];
  const shown = parts.map((part) => (A_LABEL.test(part) ? toUnicode(part) : part));
  const isWhole = shown.every((part) => part !== '' && !part.includes('\ufffd'));
  return isWhole ? shown.join('') : text;
}

const A_LABEL = /^xn--[a-z0-9-]+$/i;

function dataStyle(
  settings: Pick<StyleSettings, 'showsCrypto' | 'unknownFormat' | 'expandsAaaa'>,
  { splitWidth, toUnicode }: StyleExtras,
  form: Pick<DataStyle, 'multiline' | 'comments'>,
): DataStyle {
  const { showsCrypto, unknownFormat, expandsAaaa } = settings;
  const width = splitWidth ?? (form.multiline ? MULTILINE_WIDTH : WIDTH);
  const { multiline, comments } = form;
  return { multiline, comments, showsCrypto, unknownFormat, expandsAaaa, width, toUnicode };
}

/** They move to the left where the TTL or the class is not shown, and with `+multiline`. */
function columnsOf({ multiline, showsTtl, showsClass }: StyleSettings): Columns {
  if (multiline || (!showsTtl && !showsClass)) return { ttl: 24, class: 24, type: 24, data: 32 };
  if (!showsTtl || !showsClass) return { ttl: 24, class: 24, type: 32, data: 40 };
  return { ttl: 24, class: 32, type: 40, data: 48 };
}
