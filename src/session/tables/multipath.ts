/**
 * Connections of Multipath TCP (RFC 8684). As long as such a connection has one subflow, its bytes are those of that TCP
 * connection, and are copied. Once another subflow joins it, they are spread over both, and it cannot be copied any more.
 */
import { mptcpToken, readMptcp } from '../../wire/mptcp';
import type { SegmentView } from '../../wire/segment';
import { SYN } from '../../wire/tcp';

/** The oldest are forgotten. */
const REMEMBERED_MAX = 65_536;

export class Multipath {
  /** Whose client wants it, and has not yet said the server's key. */
  readonly #wanted = new Set<number>();
  /** By the token under which a subflow joins them. */
  readonly #begun = new Map<number, number>();
  /** Subflows that are not copied: those that joined, and those that were joined. */
  readonly #spread = new Set<number>();
  /** Tokens of connections that were joined before they were known. */
  readonly #joinedEarly = new Set<number>();

  /** @param joinsUnknown told the token of a connection that is joined and not known here */
  constructor(private readonly joinsUnknown: (token: number) => void = () => undefined) {}

  /** A subflow that was seen elsewhere joins a connection; it may become known here. @returns its key, where it is */
  isJoined(token: number): number | undefined {
    const joined = this.#begun.get(token);
    remember(joined === undefined ? this.#joinedEarly : this.#spread, joined ?? token);
    return joined;
  }

  /**
   * Takes note of a client's segment.
   *
   * @param key of its connection
   * @returns `spread` when it is not to be copied, and the key of a connection that is joined by it
   */
  notice(view: SegmentView, key: number): 'spread' | number | undefined {
    if (view.flags & SYN) return this.#syn(view, key);
    if (this.#wanted.size > 0 && this.#wanted.delete(key) && this.#acknowledged(view, key)) return key;
    return this.#spread.size > 0 && this.#spread.has(key) ? 'spread' : undefined;
  }

  #syn(view: SegmentView, key: number): 'spread' | number | undefined {
    this.#spread.delete(key);
    this.#wanted.delete(key);
    const option = readMptcp(view.bytes, view.tcpOffset);
    if (option?.kind === 'capable') remember(this.#wanted, key);
    if (option?.kind !== 'join') return undefined;
    remember(this.#spread, key);
    const joined = option.token === undefined ? undefined : this.#begun.get(option.token);
    if (joined === undefined) {
      if (option.token !== undefined) this.joinsUnknown(option.token);
      return 'spread';
    }
    remember(this.#spread, joined);
    return joined;
  }

  /** The client's first acknowledgment has the server's key, where the server wants it as well. @returns whether it is joined already */
  #acknowledged(view: SegmentView, key: number): boolean {
    const option = readMptcp(view.bytes, view.tcpOffset);
    if (option?.kind !== 'capable' || option.receiverKey === undefined) return false;
    const token = mptcpToken(option.receiverKey, option.version);
    this.#begun.delete(token);
    this.#begun.set(token, key);
    if (this.#begun.size > REMEMBERED_MAX) {
      const [oldest] = this.#begun.keys();
      this.#begun.delete(oldest!);
    }
    if (!this.#joinedEarly.delete(token)) return false;
    remember(this.#spread, key);
    return true;
  }
}

function remember(keys: Set<number>, key: number): void {
  keys.add(key);
  if (keys.size <= REMEMBERED_MAX) return;
  const [oldest] = keys;
  keys.delete(oldest!);
}
