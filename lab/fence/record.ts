/** What was asked for and called behind one fence, each thing once, with how often. */

/** A packet that a fence has refused. */
export interface Call {
  /** `tcp`, `udp`, `icmp`, or `ip-<number>`. */
  readonly protocol: string;
  readonly address: string;
  readonly port?: number | undefined;
  /** The name that was asked for; undefined when it was called by its address. */
  readonly name?: string | undefined;
}

export interface Counted {
  readonly times: number;
  /** ISO 8601. */
  readonly first: string;
  readonly last: string;
}

export interface FenceRecord {
  readonly asked: readonly (Counted & { readonly name: string })[];
  readonly called: readonly (Counted & Call)[];
  /** Further things that there was no room for. */
  readonly unnamed: number;
  /** The last call of the fence's own probe. */
  readonly probe?: string;
}

/** Of each kind; a service that tries all addresses must not fill the memory. */
const ENTRIES_MAX = 1_000;

interface Entry<T> {
  readonly what: T;
  times: number;
  readonly first: string;
  last: string;
}

export class Recorder {
  readonly #asked = new Map<string, Entry<{ readonly name: string }>>();
  readonly #called = new Map<string, Entry<Call>>();
  #unnamed = 0;
  #probe: string | undefined;

  asked(name: string, time: string): void {
    this.#count(this.#asked, name, { name }, time);
  }

  called(call: Call, time: string): void {
    this.#count(this.#called, keyOf(call), call, time);
  }

  probed(name: string): void {
    this.#probe = name;
  }

  record(): FenceRecord {
    return {
      asked: [...this.#asked.values()].map(counted),
      called: [...this.#called.values()].map(counted),
      unnamed: this.#unnamed,
      ...(this.#probe !== undefined && { probe: this.#probe }),
    };
  }

  #count<T>(entries: Map<string, Entry<T>>, key: string, what: T, time: string): void {
    const entry = entries.get(key);
    if (entry) {
      entry.times += 1;
      entry.last = time;
    } else if (entries.size < ENTRIES_MAX) entries.set(key, { what, times: 1, first: time, last: time });
    else this.#unnamed += 1;
  }
}

const counted = <T>({ what, ...times }: Entry<T>): T & Counted => ({ ...what, ...times });

/** Calls of one key are the same call again. */
export const keyOf = ({ protocol, address, port, name }: Call): string =>
  [protocol, name ?? address, port ?? ''].join(' ');
