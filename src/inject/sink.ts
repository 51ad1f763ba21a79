/** Where the copy's packets go out. */
export interface InjectSink {
  readonly description: string;
  /**
   * Sends an IPv4 packet of `length` bytes from the start of `packet`, borrowed for the call.
   *
   * @param destination host order, as in the packet
   * @returns why the kernel refused it (an errno name such as EPERM), or undefined
   */
  send(packet: Uint8Array, length: number, destination: number): string | undefined;
  close(): void;
}

/** What to do about a refusal, by errno name. */
export const SEND_REFUSALS: Readonly<Record<string, string>> = {
  EPERM:
    'a firewall rule in OUTPUT or a full conntrack table refuses the copy: see iptables -S OUTPUT and nf_conntrack_max',
  EMSGSIZE: "packets are cut to the device's MTU from now on; give -M if the path behind it takes even less",
  ENOBUFS:
    'the device cannot keep up: lower the load or lengthen its queue (ip link set <device> txqueuelen)',
  ENETUNREACH: 'there is no route to the test server: see ip route get <test server>',
  EHOSTUNREACH: 'the test server does not answer ARP: see ip neigh',
  ENETDOWN: 'the network device is down: see ip link',
};
