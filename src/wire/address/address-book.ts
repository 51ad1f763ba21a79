/**
 * IPv6 addresses as numbers: each that is met gets a handle, by which it is known until nobody holds it any more.
 *
 * What is held stays. What is not held (a packet's address that nobody has taken up) stays until so many others have come that
 * nobody can still be at work with it: floods from random prefixes grow nothing. A slot serves 4,096
 * addresses before one of its handles is given again, and all free slots have their turn.
 */
import { readU32, writeU32 } from '../big-endian';
import { spread } from '../spread';
import { SlotLine } from './slot-line';

/** Addresses that can be known at a time. */
const SLOTS_BITS = 20;
const SLOTS_MAX = 1 << SLOTS_BITS;
const GENERATIONS = 1 << 12;
/** So many that nobody holds are known at a time: more than one turn's packets and messages can bring. */
const IDLE_MAX = 1 << 18;
const WORDS = 4;
const FREE = -1;

export class AddressBook {
  /** By slot: four words each. */
  #words = new Uint32Array(16 * WORDS);
  readonly #holders: number[] = [];
  readonly #generations: number[] = [];
  /** Slots of addresses that nobody holds, the one first that was met longest ago. */
  readonly #idle = new SlotLine();
  /** Slots without an address, in the order in which they are to be taken. */
  readonly #free = new SlotLine();
  /** Slots by what their address comes to; open addressing, linear probing. */
  #places = new Int32Array(32).fill(FREE);
  #size = 0;

  constructor(private readonly idle_max = IDLE_MAX) {}

  /** Addresses that are known. */
  get size(): number {
    return this.#size;
  }

  /** @returns the handle of the 16 bytes at `at`, 0 to 2^32 - 1; undefined while a million addresses are held */
  handleOf(bytes: Uint8Array, at: number): number | undefined {
    const [a, b, c, d] = [
      readU32(bytes, at),
      readU32(bytes, at + 4),
      readU32(bytes, at + 8),
      readU32(bytes, at + 12),
    ];
    const place = this.#placeOf(a, b, c, d);
    const known = this.#places[place]!;
    if (known === FREE) return this.#meet(a, b, c, d);
    if (this.#holders[known] === 0) {
      this.#idle.remove(known);
      this.#idle.append(known);
    }
    return this.#generations[known]! * SLOTS_MAX + known;
  }

  /** One holder more. Who holds an address lets go of it once. */
  hold(handle: number): void {
    const slot = this.#slotOf(handle);
    if (slot === undefined) return;
    const others = this.#holders[slot]!;
    this.#holders[slot] = others + 1;
    if (others === 0) this.#idle.remove(slot);
  }

  letGo(handle: number): void {
    const slot = this.#slotOf(handle);
    const holders = slot === undefined ? 0 : this.#holders[slot]!;
    if (slot === undefined || holders === 0) return;
    this.#holders[slot] = holders - 1;
    if (holders > 1) return;
    this.#idle.append(slot);
    this.#forgetIdle(this.idle_max);
  }

  /** Writes its 16 bytes; zeros where it is not known any more. */
  write(handle: number, bytes: Uint8Array, at: number): void {
    for (let word = 0; word < WORDS; word += 1) writeU32(bytes, at + 4 * word, this.word(handle, word));
  }

  /** @param word 0 to 3 @returns 32 bits of it, 0 where it is not known any more */
  word(handle: number, word: number): number {
    const slot = this.#slotOf(handle);
    return slot === undefined ? 0 : this.#words[slot * WORDS + word]!;
  }

  #slotOf(handle: number): number | undefined {
    const slot = handle % SLOTS_MAX;
    return this.#generations[slot] === (handle - slot) / SLOTS_MAX ? slot : undefined;
  }

  #meet(a: number, b: number, c: number, d: number): number | undefined {
    this.#forgetIdle(this.idle_max - 1);
    const slot = this.#freeSlot();
    if (slot === undefined) return undefined;
    if ((slot + 1) * WORDS > this.#words.length) {
      const more = new Uint32Array(this.#words.length * 2);
      more.set(this.#words);
      this.#words = more;
    }
    this.#words.set([a, b, c, d], slot * WORDS);
    this.#holders[slot] = 0;
    this.#generations[slot] ??= 0;
    this.#idle.append(slot);
    this.#size += 1;
    if (this.#size * 2 > this.#places.length) this.#spread(this.#places.length * 2);
    this.#places[this.#placeOf(a, b, c, d)] = slot;
    return this.#generations[slot] * SLOTS_MAX + slot;
  }

  #freeSlot(): number | undefined {
    if (this.#holders.length < SLOTS_MAX && this.#free.length <= this.idle_max) return this.#holders.length;
    const slot = this.#free.first;
    if (slot !== undefined) this.#free.remove(slot);
    return slot;
  }

  /** Of the addresses that nobody holds, all but the `kept` that were met last. */
  #forgetIdle(kept: number): void {
    while (this.#idle.length > kept) {
      const slot = this.#idle.first!;
      this.#idle.remove(slot);
      this.#takeOut(slot);
      this.#generations[slot] = (this.#generations[slot]! + 1) % GENERATIONS;
      this.#free.append(slot);
      this.#size -= 1;
    }
  }

  #spread(places: number): void {
    const slots = this.#places.filter((slot) => slot !== FREE);
    this.#places = new Int32Array(places).fill(FREE);
    for (const slot of slots) this.#places[this.#placeOfSlot(slot)] = slot;
  }

  #placeOfSlot(slot: number): number {
    const at = slot * WORDS;
    const words = this.#words;
    return this.#placeOf(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!);
  }

  /** Where the address stands, or else the free place for it. */
  #placeOf(a: number, b: number, c: number, d: number): number {
    const [places, words] = [this.#places, this.#words];
    const last = places.length - 1;
    for (let place = mixed(a, b, c, d) & last; ; place = (place + 1) & last) {
      const slot = places[place]!;
      if (slot === FREE) return place;
      const at = slot * WORDS;
      if (words[at + 3] === d && words[at + 2] === c && words[at + 1] === b && words[at] === a) return place;
    }
  }

  /** Moves up whatever could not stand where it should because of this slot's place. */
  #takeOut(slot: number): void {
    const places = this.#places;
    const last = places.length - 1;
    let gap = this.#placeOfSlot(slot);
    for (let place = (gap + 1) & last; places[place] !== FREE; place = (place + 1) & last) {
      const at = places[place]! * WORDS;
      const words = this.#words;
      const wanted = mixed(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!) & last;
      if (((place - wanted) & last) < ((place - gap) & last)) continue;
      places[gap] = places[place]!;
      gap = place;
    }
    places[gap] = FREE;
  }
}

/** Keyed by the process, so that nobody can send addresses that all come to the same place. */
const KEY = Math.floor(Math.random() * 2 ** 32);

const mixed = (a: number, b: number, c: number, d: number): number =>
  spread(Math.imul(spread(Math.imul(spread(a ^ KEY) ^ b, 0x9e3779b1) ^ c), 0x85ebca6b) ^ d);
