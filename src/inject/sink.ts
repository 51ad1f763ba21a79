/** Where the copy's packets go out. */
export interface InjectSink {
  readonly description: string;
  /**
   * Takes an IP packet of `length` bytes from the start of `packet`, borrowed for the call. It may wait for `flush`.
   *
   * @param destination as in the packet
   */
  send(packet: Uint8Array, length: number, destination: number): void;
  /** Sends what still waits; to be called at the end of each turn of the event loop that sent something. */
  flush(): void;
  close(): void;
}

/** Where packets leave this machine, and to whom on the link; by default as the kernel would send them. */
export interface InjectWishes {
  /** The device that they leave by. */
  readonly device: string | undefined;
  /** Link addresses by test server. */
  readonly linkAddresses: ReadonlyMap<number, LinkAddresses>;
  /**
   * Test servers (host order) that are reached at the link layer or not at all: raw IP passes conntrack and masquerading,
   * which may give a packet of this machine's own address another port.
   */
  readonly linkOnly?: readonly number[];
  /** Told now and then of the way to a test server. */
  readonly way?: (testAddress: number, way: Way) => void;
  /** Told when packets that had waited have left, one after the other between these times, by `performance.now`. */
  readonly left?: (from_ms: number, until_ms: number) => void;
}

export interface Way {
  /** There is a router on it. */
  readonly isRouted: boolean;
  /** Of the largest packet that it takes, where this machine knows. */
  readonly mtu_bytes: number | undefined;
}

/** Six bytes each; what is undefined is found out. */
export interface LinkAddresses {
  readonly source: Uint8Array | undefined;
  readonly destination: Uint8Array | undefined;
}

/** Told of each packet that the kernel refused, with an errno name such as EPERM. */
export type RefusalListener = (errno: string) => void;

export class InjectError extends Error {
  override readonly name = 'InjectError';
  readonly code = 'cannot-inject';
}

/** What to do about a refusal, by errno name. */
export const SEND_REFUSALS: Readonly<Record<string, string>> = {
  EPERM:
    'a firewall rule in OUTPUT or a full conntrack table refuses the copy: see iptables -S OUTPUT and nf_conntrack_max',
  EMSGSIZE: "packets are cut to the device's MTU from now on; give -M if the path behind it takes even less",
  ENOBUFS:
    'the device cannot keep up: lower the load or lengthen its queue (ip link set <device> txqueuelen)',
  EAGAIN: 'the device cannot keep up: lower the load or lengthen its queue (ip link set <device> txqueuelen)',
  ENETUNREACH: 'there is no route to the test server: see ip route get <test server>',
  EHOSTUNREACH: 'the test server does not answer ARP or neighbour discovery: see ip neigh',
  'no-ethernet-hop':
    'copies under an address of this machine leave at the link layer only, and the test server is not reached by Ethernet any more: see ip route get <test server>',
  ENETDOWN: 'the network device is down: see ip link',
};
