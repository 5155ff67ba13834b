/**
 * Names that own nothing and lead to nothing do not exist (RFC 4592 §2.2.2): a look-up that found
 * one in the image would say NODATA where NXDOMAIN is due.
 */

import { APEX, NameWord } from './image-layout.ts';
import type { ImageTree } from './image-tree.ts';

export interface GrowingImage {
  readonly tree: ImageTree;
  readonly words: Int32Array;
  readonly heads: Int32Array;
  /** Where its blocks end. */
  readonly top: number;
}

/**
 * Takes out of the hash table those of `emptied` that are empty still and have no names below, and
 * the empty ones above them that were there for their sake. Returns how many names and words those
 * were. Time linear in the names of the zone: a name does not know its children.
 */
export function pruneNames(
  image: GrowingImage,
  emptied: Iterable<number>,
): { readonly names: number; readonly words: number } {
  const { tree, top } = image;
  const children = new Map<number, number>();
  for (const start of emptied) {
    for (let node = start; node !== APEX && tree.first(node) === 0; node = tree.parent(node)) {
      children.set(node, 0);
    }
  }
  if (children.size === 0) return { names: 0, words: 0 };
  for (const node of tree.nodes(top)) {
    const parent = tree.parent(node);
    const count = children.get(parent);
    if (count !== undefined) children.set(parent, count + 1);
  }
  const pruned = { names: 0, words: 0 };
  for (const leaf of [...children.keys()]) {
    for (let node = leaf; children.get(node) === 0;) {
      const parent = tree.parent(node);
      children.delete(node);
      removeName(image, node);
      pruned.names++;
      pruned.words += tree.nameWords(node);
      const left = children.get(parent);
      if (left !== undefined) children.set(parent, left - 1);
      node = parent;
    }
  }
  return pruned;
}

function removeName({ words, heads }: GrowingImage, node: number): void {
  const next = words[node + NameWord.NEXT]!;
  const head = words[node + NameWord.HASH]! & (heads.length - 1);
  if (heads[head] === node) heads[head] = next;
  else {
    let before = heads[head]!;
    while (words[before + NameWord.NEXT] !== node) before = words[before + NameWord.NEXT]!;
    words[before + NameWord.NEXT] = next;
  }
  words[node + NameWord.PARENT] = 0;
  words[node + NameWord.RRSETS] = 0;
}
