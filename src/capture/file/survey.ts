/** What is in a capture, told when nothing of it could be played: who spoke to whom over what, bounded in memory. */
import { ACK, SYN } from '../../wire/tcp';
import { namesIn } from '../../wire/encapsulation/cursor';
import { linkTypeName } from '../../wire/encapsulation/link';

/** More servers and connections than these are not told apart. */
const SERVERS_MAX = 4096;
const CONNECTIONS_MAX = 65_536;

/** A server that the capture has, by the address and port that clients use. */
export interface SurveyedServer {
  readonly family: 4 | 6;
  readonly address: string;
  readonly port: number;
  /** Distinct clients' endpoints. */
  readonly connections: number;
  /** Of these, seen from their SYN. */
  readonly begun: number;
  /** Packets to the server, and from it. */
  readonly fromClients: number;
  readonly fromServer: number;
}

export interface Findings {
  /** Names of link types, and of what stands in packets, with numbers of packets. */
  readonly linkTypes: readonly Counted[];
  readonly encapsulations: readonly Counted[];
  readonly unsupported: readonly Counted[];
  readonly others: readonly Counted[];
  readonly servers: readonly SurveyedServer[];
}

export interface Counted {
  readonly name: string;
  readonly count: number;
}

interface Server {
  readonly family: 4 | 6;
  readonly address: string;
  readonly port: number;
  /** Whether the connection's SYN was seen, by the client's end. */
  readonly clients: Map<string, boolean>;
  fromClients: number;
  fromServer: number;
}

/** An end of a connection. */
interface End {
  readonly address: string;
  readonly port: number;
}

export class Survey {
  readonly #linkTypes = new Map<number, number>();
  readonly #unwrapped = new Map<number, number>();
  readonly #unsupported = new Map<string, number>();
  readonly #others = new Map<string, number>();
  readonly #servers = new Map<string, Server>();
  #connections = 0;

  linkType(linkType: number): void {
    count(this.#linkTypes, linkType);
  }

  /** @param encapsulations as `Cursor.unwrapped` */
  unwrapped(encapsulations: number): void {
    count(this.#unwrapped, encapsulations);
  }

  unsupported(name: string): void {
    count(this.#unsupported, name);
  }

  /** A packet without TCP. */
  other(name: string): void {
    count(this.#others, name);
  }

  /** A TCP segment. Without its SYN the server is whose port is the lower one. */
  tcp(family: 4 | 6, from: End, to: End, flags: number): void {
    const opens = (flags & (SYN | ACK)) === SYN;
    const answers = (flags & (SYN | ACK)) === (SYN | ACK);
    const known = (end: End): boolean => this.#servers.has(nameOf(end));
    const toServer = opens || (!answers && (known(to) || (!known(from) && to.port <= from.port)));
    const [end, client] = toServer ? [to, from] : [from, to];
    const server = this.#serverAt(family, end);
    if (!server) return;
    if (toServer) server.fromClients += 1;
    else server.fromServer += 1;
    const name = nameOf(client);
    const begun = server.clients.get(name);
    if (begun === undefined && this.#connections >= CONNECTIONS_MAX) return;
    if (begun === undefined) this.#connections += 1;
    server.clients.set(name, opens || begun === true);
  }

  get findings(): Findings {
    const servers = [...this.#servers.values()].map(({ clients, ...server }) => ({
      ...server,
      connections: clients.size,
      begun: [...clients.values()].filter((begun) => begun).length,
    }));
    const encapsulations = new Map<string, number>();
    for (const [bits, packets] of this.#unwrapped)
      for (const name of namesIn(bits)) encapsulations.set(name, (encapsulations.get(name) ?? 0) + packets);
    const linkTypes = new Map<string, number>();
    for (const [linkType, packets] of this.#linkTypes) {
      const name = linkTypeName(linkType);
      linkTypes.set(name, (linkTypes.get(name) ?? 0) + packets);
    }
    return {
      linkTypes: sorted(linkTypes),
      encapsulations: sorted(encapsulations),
      unsupported: sorted(this.#unsupported),
      others: sorted(this.#others),
      servers: servers.sort((a, b) => b.connections - a.connections),
    };
  }

  #serverAt(family: 4 | 6, { address, port }: End): Server | undefined {
    const name = nameOf({ address, port });
    const there = this.#servers.get(name);
    if (there || this.#servers.size >= SERVERS_MAX) return there;
    const server = {
      family,
      address,
      port,
      clients: new Map<string, boolean>(),
      fromClients: 0,
      fromServer: 0,
    };
    this.#servers.set(name, server);
    return server;
  }
}

const nameOf = ({ address, port }: End): string => `${address} ${port}`;

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

const sorted = (counts: ReadonlyMap<string, number>): Counted[] =>
  [...counts].map(([name, number]) => ({ name, count: number })).sort((a, b) => b.count - a.count);
