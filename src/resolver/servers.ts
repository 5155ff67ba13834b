/**
 * What is remembered of server addresses: smoothed round trips and their variation (RFC 6298 §2),
 * silences, lameness by zone, missing EDNS, changed letter case, cookies, exchanges open now.
 * Everything here is an opinion that fades: it changes the order in which servers are asked, never
 * whether a zone can be resolved.
 *
 * Opinions form only from replies that matched the question and from silence, so that whoever
 * forges packets cannot make us avoid a server.
 */

import { ServerCookies } from '../client/cookies.ts';
import { familyOfAddress, type Family } from '../net/address.ts';
import type { Clock, Random } from '../net/ports.ts';
import { serverLimits, type ResolverLimits } from './limits.ts';

export interface ServerState {
  readonly address: string;
  readonly rttMs: number | undefined;
  readonly silences: number;
  readonly isDead: boolean;
}

interface Server {
  rttMs: number | undefined;
  variationMs: number;
  silences: number;
  lastSilenceMs: number;
  noEdnsUntilMs: number;
  changesCaseUntilMs: number;
  cookies: ServerCookies | undefined;
  /** Until when it is lame, by the key of the zone. */
  readonly lame: Map<string, number>;
  exchanges: number;
}

/** What all servers of one address family show together. */
interface FamilyEvidence {
  hasAnswered: boolean;
  /** In a row, of whatever server. */
  silences: number;
  lastSilenceMs: number;
}

export class ServerTable {
  readonly #clock: Clock;
  readonly #random: Random;
  /** In the order of use, the newest last. */
  readonly #servers = new Map<string, Server>();
  #newest: Server | undefined;
  /** What was looked for last: a question asks for its server ten times. */
  #soughtAddress = '';
  #sought: Server | undefined;
  readonly #familyDownUntilMs = new Map<Family, number>();
  readonly #zoneExchanges = new Map<string, number>();
  readonly #ipv4: FamilyEvidence = noEvidence();
  readonly #ipv6: FamilyEvidence = noEvidence();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** How long to wait for the reply to the `tries`th datagram (from 0) of a question. */
  timeoutMs(address: string, tries: number): number {
    const { timeoutMinMs, timeoutMaxMs, timeoutUnknownMs, backoff } = serverLimits;
    const server = this.#of(address);
    const expectedMs =
      server?.rttMs === undefined ? timeoutUnknownMs : server.rttMs + 4 * server.variationMs;
    const firstMs = Math.max(timeoutMinMs, expectedMs);
    return Math.min(timeoutMaxMs, firstMs * backoff ** tries);
  }

  /**
   * In which order to ask: less is sooner. Unknown servers come before slow ones and behind fast
   * ones, in random order among themselves, so that all are measured in time.
   */
  cost(address: string): number {
    const server = this.#of(address);
    const cost = server?.rttMs ?? UNKNOWN_COST_MS + this.#random.below(UNKNOWN_SPREAD_MS);
    const silenceMs = server && this.#isSilent(server) ? server.silences * SILENCE_COST_MS : 0;
    return cost + silenceMs + (this.#isFamilyDoubtful(address) ? DOUBTFUL_COST_MS : 0);
  }

  /** Whether this question is one of the few that go to another server than the best. */
  drawsExploration(): boolean {
    return this.#random.below(serverLimits.explorationOneIn) === 0;
  }

  /**
   * Whether asking it first may be worth while: one that answered before costs a short wait at
   * most, and one of a silent family is nothing to hope for.
   */
  isExplorable(address: string): boolean {
    if (this.isFamilyDown(address) || this.#isFamilySilent(address)) return false;
    return !this.isDead(address) || this.hasAnswered(address);
  }

  below(bound: number): number {
    return this.#random.below(bound);
  }

  hasAnswered(address: string): boolean {
    return this.#of(address)?.rttMs !== undefined;
  }

  isDead(address: string): boolean {
    const server = this.#of(address);
    if (!server || server.silences < serverLimits.silencesUntilDead) return false;
    return this.#clock.monotonic() < server.lastSilenceMs + serverLimits.deadMs;
  }

  /** Whether the family of the address could not be reached a short while ago. */
  isFamilyDown(address: string): boolean {
    return this.#isBefore(this.#familyDownUntilMs.get(familyOfAddress(address)));
  }

  isLame(address: string, zoneKey: string): boolean {
    const lame = this.#of(address)?.lame;
    return lame !== undefined && lame.size > 0 && this.#isBefore(lame.get(zoneKey));
  }

  lacksEdns(address: string): boolean {
    return this.#isBefore(this.#of(address)?.noEdnsUntilMs);
  }

  /** Whether it does not repeat the letter case of names, as a connection has shown. */
  changesCase(address: string): boolean {
    return this.#isBefore(this.#of(address)?.changesCaseUntilMs);
  }

  cookiesOf(address: string): ServerCookies {
    const server = this.#touch(address);
    return (server.cookies ??= new ServerCookies(this.#clock, this.#random));
  }

  addReply(address: string, rttMs: number): void {
    const server = this.#touch(address);
    server.silences = 0;
    const family = this.#familyOf(address);
    family.hasAnswered = true;
    family.silences = 0;
    if (server.rttMs === undefined) {
      server.rttMs = rttMs;
      server.variationMs = rttMs / 2;
      return;
    }
    server.variationMs += (Math.abs(rttMs - server.rttMs) - server.variationMs) / 4;
    server.rttMs += (rttMs - server.rttMs) / 8;
  }

  addSilence(address: string): void {
    const server = this.#touch(address);
    server.silences++;
    server.lastSilenceMs = this.#clock.monotonic();
    const family = this.#familyOf(address);
    family.silences++;
    family.lastSilenceMs = this.#clock.monotonic();
  }

  addLame(address: string, zoneKey: string): void {
    const { lame } = this.#touch(address);
    lame.delete(zoneKey);
    lame.set(zoneKey, this.#clock.monotonic() + serverLimits.lameMs);
    dropOldest(lame, serverLimits.lameZones);
  }

  addMissingEdns(address: string): void {
    this.#touch(address).noEdnsUntilMs = this.#clock.monotonic() + serverLimits.noEdnsMs;
  }

  addChangedCase(address: string): void {
    const untilMs = this.#clock.monotonic() + serverLimits.changedCaseMs;
    this.#touch(address).changesCaseUntilMs = untilMs;
  }

  addUnreachableFamily(address: string): void {
    const untilMs = this.#clock.monotonic() + serverLimits.familyDownMs;
    this.#familyDownUntilMs.set(familyOfAddress(address), untilMs);
  }

  /**
   * Counts an exchange; call what it returns once, when the exchange is over. Undefined: too many
   * are open, so there must not be another.
   */
  beginExchange(
    address: string,
    zoneKey: string,
    limits: Pick<ResolverLimits, 'exchangesPerServer' | 'exchangesPerZone'>,
  ): (() => void) | undefined {
    const server = this.#touch(address);
    const inZone = this.#zoneExchanges.get(zoneKey) ?? 0;
    if (server.exchanges >= limits.exchangesPerServer || inZone >= limits.exchangesPerZone) {
      return undefined;
    }
    server.exchanges++;
    this.#zoneExchanges.set(zoneKey, inZone + 1);
    return () => {
      server.exchanges--;
      const left = (this.#zoneExchanges.get(zoneKey) ?? 1) - 1;
      if (left > 0) this.#zoneExchanges.set(zoneKey, left);
      else this.#zoneExchanges.delete(zoneKey);
    };
  }

  /** Opinions of one address, or all of them; returns of how many servers. */
  forget(address?: string): number {
    const known = address === undefined ? [...this.#servers.keys()] : [address];
    const gone = known.filter((one) => this.#servers.has(one));
    for (const one of gone) this.#forgetOne(one, this.#of(one)!);
    if (address !== undefined) return gone.length;
    this.#familyDownUntilMs.clear();
    for (const family of [this.#ipv4, this.#ipv6]) Object.assign(family, noEvidence());
    return gone.length;
  }

  *states(): Generator<ServerState, void, undefined> {
    for (const address of this.#servers.keys()) yield this.state(address);
  }

  state(address: string): ServerState {
    const { rttMs, silences = 0 } = this.#of(address) ?? {};
    return { address, rttMs, silences, isDead: this.isDead(address) };
  }

  #of(address: string): Server | undefined {
    if (address === this.#soughtAddress) return this.#sought;
    this.#soughtAddress = address;
    return (this.#sought = this.#servers.get(address));
  }

  #forgetOne(address: string, server: Server): void {
    this.#servers.delete(address);
    this.#newest = undefined;
    this.#soughtAddress = '';
    // What is open now still counts against the limit.
    const { exchanges } = server;
    if (exchanges > 0)
      this.#servers.set(address, Object.assign(server, newServer(), { exchanges }));
  }

  /** Most servers have nothing of the kind, and then the clock is not looked at. */
  #isBefore(untilMs = 0): boolean {
    return untilMs > 0 && this.#clock.monotonic() < untilMs;
  }

  /** Its last silence is not long ago, as silences go. */
  #isSilent({ silences, lastSilenceMs }: Server): boolean {
    if (silences === 0) return false;
    const { silenceMs, deadMs } = serverLimits;
    const heldMs = Math.min(deadMs, silenceMs * 2 ** (silences - 1));
    return this.#clock.monotonic() < lastSilenceMs + heldMs;
  }

  /** IPv4 comes first until IPv6 has been seen to work; later the one that works. */
  #isFamilyDoubtful(address: string): boolean {
    const isUnproven = familyOfAddress(address) === 6 && !this.#ipv6.hasAnswered;
    return isUnproven || this.#isFamilySilent(address);
  }

  #isFamilySilent(address: string): boolean {
    const { silences, lastSilenceMs } = this.#familyOf(address);
    const { familySilences, familySilenceMs } = serverLimits;
    if (silences < familySilences) return false;
    return this.#clock.monotonic() < lastSilenceMs + familySilenceMs;
  }

  #familyOf(address: string): FamilyEvidence {
    return familyOfAddress(address) === 6 ? this.#ipv6 : this.#ipv4;
  }

  /** The server, as the most recently used one: as soon as there may be too many, that counts. */
  #touch(address: string): Server {
    const known = this.#of(address);
    const isCrowded = this.#servers.size > serverLimits.addresses / 2;
    if (known && (known === this.#newest || !isCrowded)) return known;
    const server = known ?? newServer();
    this.#servers.delete(address);
    this.#servers.set(address, server);
    this.#newest = server;
    this.#soughtAddress = '';
    dropOldest(this.#servers, serverLimits.addresses);
    return server;
  }
}

const UNKNOWN_COST_MS = 60;
const UNKNOWN_SPREAD_MS = 60;
/** Another server is worth trying before one that was silent just now. */
const SILENCE_COST_MS = 400;
/** Of an address family that may not work: more than a server that was silent once. */
const DOUBTFUL_COST_MS = 1000;

function noEvidence(): FamilyEvidence {
  return { hasAnswered: false, silences: 0, lastSilenceMs: 0 };
}

function newServer(): Server {
  return {
    rttMs: undefined,
    variationMs: 0,
    silences: 0,
    lastSilenceMs: 0,
    noEdnsUntilMs: 0,
    changesCaseUntilMs: 0,
    cookies: undefined,
    lame: new Map(),
    exchanges: 0,
  };
}

/** Maps keep the order of insertion, so the first key is the longest unused. */
function dropOldest(map: Map<string, unknown>, limit: number): void {
  if (map.size <= limit) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
