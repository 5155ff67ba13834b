/**
 * Domain names (RFC 1035 §3.1, RFC 4343, RFC 9499 §2) as what they are: octets.
 *
 *     www.example.com.  =  03 'w' 'w' 'w'  07 'e' 'x' 'a' 'm' 'p' 'l' 'e'  03 'c' 'o' 'm'  00
 *
 * A `DnsName` holds the uncompressed wire form with the letter case it came with, and is immutable.
 * Comparing ignores case; `key` is the folded wire form as a string with one character per octet,
 * for maps. Labels may hold any octet, dots and zeros included, so names never travel as text:
 * text is made by `toString` for people and read by `parseName`, both with escapes.
 */

import { equalFolded, foldedText, foldOctet } from './case-fold.ts';
import { printName } from './name-print.ts';

export const nameLimits = {
  /** RFC 1035 §2.3.4: octets of a name on the wire, length octets and the root's zero included. */
  octets: 255,
  /** RFC 1035 §2.3.4. */
  labelOctets: 63,
} as const;

export class DnsName {
  static readonly root: DnsName = new DnsName(Uint8Array.of(0), 0);

  readonly wire: Uint8Array;
  /** Labels without the root's: 0 for the root, 2 for 'example.com.'. */
  readonly labelCount: number;
  #key: string | undefined;

  private constructor(wire: Uint8Array, labelCount: number) {
    this.wire = wire;
    this.labelCount = labelCount;
  }

  /** `wire` must be a well-formed uncompressed name that nobody changes afterwards. */
  static fromWire(wire: Uint8Array): DnsName {
    let labelCount = 0;
    for (let at = 0; wire[at] !== 0; at += wire[at]! + 1) labelCount++;
    return new DnsName(wire, labelCount);
  }

  /** Undefined when a label is empty or over 63 octets, or the name over 255. */
  static fromLabels(labels: readonly Uint8Array[]): DnsName | undefined {
    let octets = 1;
    for (const label of labels) {
      if (label.length === 0 || label.length > nameLimits.labelOctets) return undefined;
      octets += label.length + 1;
    }
    if (octets > nameLimits.octets) return undefined;
    const wire = new Uint8Array(octets);
    let at = 0;
    for (const label of labels) {
      wire[at] = label.length;
      wire.set(label, at + 1);
      at += label.length + 1;
    }
    return new DnsName(wire, labels.length);
  }

  get key(): string {
    return (this.#key ??= foldedText(this.wire, 0, this.wire.length));
  }

  get isRoot(): boolean {
    return this.labelCount === 0;
  }

  /** The labels, leftmost first, without the root's. */
  get labels(): readonly Uint8Array[] {
    const labels: Uint8Array[] = [];
    for (let at = 0; this.wire[at] !== 0; at += this.wire[at]! + 1) {
      labels.push(this.wire.subarray(at + 1, at + 1 + this.wire[at]!));
    }
    return labels;
  }

  /** The name without its leftmost label; the root's parent is the root. */
  get parent(): DnsName {
    return this.isRoot ? this : this.ancestor(this.labelCount - 1);
  }

  /** The name's last `labelCount` labels: `ancestor(0)` is the root, `ancestor(n)` the name. */
  ancestor(labelCount: number): DnsName {
    if (labelCount >= this.labelCount) return this;
    if (labelCount === 0) return DnsName.root;
    return new DnsName(this.wire.subarray(this.#offsetOf(labelCount)), labelCount);
  }

  equals(other: DnsName): boolean {
    return (
      this === other ||
      (this.wire.length === other.wire.length &&
        equalFolded(this.wire, other.wire, { aStart: 0, bStart: 0, length: this.wire.length }))
    );
  }

  /** Whether this name is `other` or below it (RFC 9499 §2, "subdomain"). */
  isSubdomainOf(other: DnsName): boolean {
    if (other.labelCount > this.labelCount) return false;
    const aStart = this.#offsetOf(other.labelCount);
    const length = this.wire.length - aStart;
    if (length !== other.wire.length) return false;
    return equalFolded(this.wire, other.wire, { aStart, bStart: 0, length });
  }

  isBelow(other: DnsName): boolean {
    return this.labelCount > other.labelCount && this.isSubdomainOf(other);
  }

  /** `label` in front of this name; undefined when it is empty or that would exceed the limits. */
  child(label: Uint8Array): DnsName | undefined {
    if (label.length === 0 || label.length > nameLimits.labelOctets) return undefined;
    return this.prefixed(Uint8Array.of(label.length, ...label), 1);
  }

  /** This name, which must be at or below `from`, moved below `to` (RFC 6672 §2.2). */
  rebased(from: DnsName, to: DnsName): DnsName | undefined {
    const kept = this.labelCount - from.labelCount;
    return to.prefixed(this.wire.subarray(0, this.#offsetOf(from.labelCount)), kept);
  }

  /** '*' in front of this name (RFC 4592 §2.1.1); undefined when that would be too long. */
  get wildcard(): DnsName | undefined {
    return this.prefixed(ASTERISK, 1);
  }

  get isWildcard(): boolean {
    return this.wire[0] === 1 && this.wire[1] === 0x2a;
  }

  /** Canonical order (RFC 4034 §6.1): negative, zero or positive. */
  compare(other: DnsName): number {
    const mine = this.labels;
    const theirs = other.labels;
    for (let i = 1; i <= Math.min(mine.length, theirs.length); i++) {
      const order = compareLabels(mine[mine.length - i]!, theirs[theirs.length - i]!);
      if (order !== 0) return order;
    }
    return mine.length - theirs.length;
  }

  /** Absolute presentation form with a trailing dot and escapes (RFC 1035 §5.1, RFC 4343 §2.1). */
  toString(): string {
    return printName(this.wire);
  }

  toJSON(): string {
    return this.toString();
  }

  prefixed(prefix: Uint8Array, prefixLabelCount: number): DnsName | undefined {
    if (prefix.length + this.wire.length > nameLimits.octets) return undefined;
    const wire = new Uint8Array(prefix.length + this.wire.length);
    wire.set(prefix);
    wire.set(this.wire, prefix.length);
    return new DnsName(wire, prefixLabelCount + this.labelCount);
  }

  #offsetOf(labelCount: number): number {
    let at = 0;
    for (let left = this.labelCount - labelCount; left > 0; left--) at += this.wire[at]! + 1;
    return at;
  }
}

const ASTERISK: Uint8Array = Uint8Array.of(1, 0x2a);

function compareLabels(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = foldOctet(a[i]!) - foldOctet(b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
