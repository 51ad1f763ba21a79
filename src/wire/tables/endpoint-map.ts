/**
 * A map by endpoint key, as large as it must be for hundreds of thousands, and quick when nothing of it is in the cache:
 * a Map goes to three places in memory for each of these keys, since they are too large for V8's small integers.
 *
 * The addresses of what is in it are held. A key may have more in it above `ENDPOINT_KEYS`.
 *
 * Open addressing with linear probing; what is deleted is closed up, so that no marks are left behind.
 */
import { holdAddress, letGoOfAddress } from '../address/address';
import { ENDPOINT_KEYS, endpointAddress, type EndpointKey } from '../flow';
import { spread } from '../spread';

const FREE = -1;
/** A power of 2. */
const PLACES_MIN = 16;
/** At least a quarter of the places is free, and at most seven eighths are. */
const FULL_SHARE = 0.75;
const EMPTY_SHARE = 0.125;

export class EndpointMap<Value> {
  #keys = freePlaces(PLACES_MIN);
  #values: (Value | undefined)[] = noValues(PLACES_MIN);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: EndpointKey): Value | undefined {
    return this.#values[this.#placeOf(key)];
  }

  set(key: EndpointKey, value: Value): void {
    const place = this.#placeOf(key);
    const isNew = this.#keys[place] === FREE;
    this.#keys[place] = key;
    this.#values[place] = value;
    if (!isNew) return;
    holdAddress(addressIn(key));
    this.#size += 1;
    if (this.#size > this.#keys.length * FULL_SHARE) this.#resize(this.#keys.length * 2);
  }

  delete(key: EndpointKey): void {
    const place = this.#placeOf(key);
    if (this.#keys[place] === FREE) return;
    this.#free(place);
    letGoOfAddress(addressIn(key));
    this.#size -= 1;
    if (this.#size < this.#keys.length * EMPTY_SHARE && this.#keys.length > PLACES_MIN)
      this.#resize(this.#keys.length / 2);
  }

  clear(): void {
    for (const key of this.#keys) if (key !== FREE) letGoOfAddress(addressIn(key));
    this.#keys = freePlaces(PLACES_MIN);
    this.#values = noValues(PLACES_MIN);
    this.#size = 0;
  }

  /** All values as they are now, in no order. */
  values(): Value[] {
    const values: Value[] = [];
    const keys = this.#keys;
    for (let place = 0; place < keys.length; place += 1)
      if (keys[place] !== FREE) values.push(this.#values[place]!);
    return values;
  }

  /** The same with their keys. */
  entries(): [EndpointKey, Value][] {
    const entries: [EndpointKey, Value][] = [];
    this.#keys.forEach((key, place) => {
      if (key !== FREE) entries.push([key, this.#values[place]!]);
    });
    return entries;
  }

  /** Where the key stands, or else the free place for it. */
  #placeOf(key: EndpointKey): number {
    const keys = this.#keys;
    const last = keys.length - 1;
    let place = mixed(key) & last;
    while (keys[place] !== key && keys[place] !== FREE) place = (place + 1) & last;
    return place;
  }

  /** Moves up whatever could not stand where it should because of this place. */
  #free(freed: number): void {
    const [keys, values] = [this.#keys, this.#values];
    const last = keys.length - 1;
    let gap = freed;
    for (let place = (gap + 1) & last; keys[place] !== FREE; place = (place + 1) & last) {
      const wanted = mixed(keys[place]!) & last;
      if (((place - wanted) & last) < ((place - gap) & last)) continue;
      keys[gap] = keys[place]!;
      values[gap] = values[place];
      gap = place;
    }
    keys[gap] = FREE;
    values[gap] = undefined;
  }

  #resize(places: number): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = freePlaces(places);
    this.#values = noValues(places);
    for (let before = 0; before < keys.length; before += 1) {
      const key = keys[before]!;
      if (key === FREE) continue;
      const place = this.#placeOf(key);
      this.#keys[place] = key;
      this.#values[place] = values[before];
    }
  }
}

/** Whoever else put something into the key. */
const addressIn = (key: EndpointKey): number =>
  endpointAddress(key < ENDPOINT_KEYS ? key : key % ENDPOINT_KEYS);

const freePlaces = (count: number): Float64Array => new Float64Array(count).fill(FREE);
const noValues = (count: number): undefined[] => new Array<undefined>(count).fill(undefined);

function mixed(key: EndpointKey): number {
  const address = Math.floor(key / 0x10000);
  return spread(Math.imul(address, 0x9e3779b1) ^ (key - address * 0x10000));
}
