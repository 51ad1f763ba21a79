/** Which address a name has behind a fence, and which name was asked for an address. */
import { TYPE, type DnsAnswer, type DnsQuestion } from './dns';
import { ANSWERS_MAX, ANSWERS_PREFIX, INSIDE_NAMES, PROBE_ADDRESS, PROBE_SUFFIX } from './place';

export class Names {
  readonly #known: ReadonlyMap<string, string>;
  /** The name that was asked for the longest ago comes first. */
  readonly #outside = new Map<string, string>();
  #probe = '';

  /** @param known name -> IPv4 address, of those who are inside */
  constructor(known: Readonly<Record<string, string>>) {
    this.#known = new Map(Object.entries(known).map(([name, address]) => [name.toLowerCase(), address]));
  }

  /** Whether the question is about somebody inside, and so no attempt to speak to others. */
  isInside({ name }: DnsQuestion): boolean {
    return this.#known.has(name) || INSIDE_NAMES.test(name) || name === 'localhost' || name === '';
  }

  answer({ name, type }: DnsQuestion): DnsAnswer {
    if (type === TYPE.ptr) return this.#reverse(name);
    if (type !== TYPE.a) return 'nothing';
    if (name === '') return 'nothing';
    return { address: name === 'localhost' ? '127.0.0.1' : this.#addressOf(name) };
  }

  /** The name that an address was last given to; undefined for one that nobody was told by a name. */
  nameOf(address: string): string | undefined {
    if (address === PROBE_ADDRESS) return this.#probe;
    return [...this.#outside].find(([, given]) => given === address)?.[0];
  }

  #addressOf(name: string): string {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (name.endsWith(PROBE_SUFFIX)) {
      this.#probe = name;
      return PROBE_ADDRESS;
    }
    const address = this.#outside.get(name) ?? this.#freeAddress();
    this.#outside.delete(name);
    this.#outside.set(name, address);
    return address;
  }

  #freeAddress(): string {
    if (this.#outside.size < ANSWERS_MAX) return `${ANSWERS_PREFIX}${this.#outside.size + 1}`;
    const [oldest, address] = this.#outside.entries().next().value!;
    this.#outside.delete(oldest);
    return address;
  }

  #reverse(name: string): DnsAnswer {
    const address = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name)?.slice(1).toReversed().join('.');
    if (address?.startsWith('127.')) return { name: 'localhost' };
    const known = [...this.#known].find(([, own]) => own === address)?.[0];
    return known === undefined ? 'unknown' : { name: known };
  }
}
