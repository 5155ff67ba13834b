/**
 * Puts a zone's image together, record by record, and refuses what cannot stand beside the records
 * that are already there. No object is made for a record, and the time is linear in the records
 * whatever their order: an RRset that cannot grow where it lies moves to twice the room, and what
 * it leaves behind stays unused.
 */

import assert from 'node:assert/strict';
import { DnsClass, RRType } from '../wire/iana.ts';
import { DnsName, nameLimits } from '../wire/name.ts';
import { ImageMemoryPool } from './image-memory.ts';
import {
  APEX,
  COUNT_MASK,
  hashLabel,
  Header,
  imageLimits,
  IS_RRSET,
  LARGE,
  LargeSet,
  MAGIC,
  Name,
  OFFSET_MASK,
  RECORD_LENGTH,
  recordWords,
  REDIRECTS,
  Set,
  SPELLED,
  TYPE_SHIFT,
  wordsOf,
} from './image-layout.ts';
import { ImageTree } from './image-tree.ts';
import { RdataIndex } from './rdata-index.ts';

/** What became of a record, where it is not simply added. */
export type Insertion =
  | { readonly kind: 'added' }
  /** RFC 2181 §5: there are no two equal records. */
  | { readonly kind: 'duplicate' }
  /** RFC 2181 §5.2: kept, with the smaller TTL for the whole RRset. */
  | { readonly kind: 'ttl differs'; readonly ttl: number }
  /** A second SOA, CNAME or DNAME at the name. */
  | { readonly kind: 'not single' }
  /** RFC 1034 §3.6.2: a CNAME beside other data; `other` is the type that was there. */
  | { readonly kind: 'conflict'; readonly other: number };
