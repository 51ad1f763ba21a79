/** What a doctor knows when it judges. Addresses of either family are text. Undefined: it could not be found out. */
import type { OwnPorts } from '../passlist/own-ports';
import type { PortRange } from '../passlist/port-range';
import type { OwnCopies } from '../passlist/passlist';
import type { BoundQueue } from '../firewall/bound-queues';
import type { RuleSet } from '../firewall/iptables-save';
import type { Family } from '../wire/address/address';
import type { Route } from '../wire/reply';

/** This machine, whatever runs on it. */
export interface MachineFacts {
  readonly devices: readonly Device[];
  /** Of this process. */
  readonly capabilities: { readonly netAdmin: boolean; readonly netRaw: boolean };
  /** By family; none for that whose rules cannot be read. */
  readonly rules: Readonly<Partial<Record<Family, RuleSet>>>;
  /** Tables that `nft` made, and that the rules do not show. */
  readonly nativeTables: readonly string[] | undefined;
  readonly listeners: readonly Listener[] | undefined;
  readonly conntrack: { readonly count: number; readonly max: number } | undefined;
  readonly queues: readonly BoundQueue[];
  /** tcpcopy and intercept, but for this doctor. */
  readonly programs: readonly RunningProgram[];
  /** Who made the machine, where it is a virtual one of a cloud. */
  readonly cloud: string | undefined;
}

export interface Device {
  readonly name: string;
  readonly up: boolean;
  /** Something answers at the other end of the wire. */
  readonly carrier: boolean;
  readonly loopback: boolean;
  readonly mtu_bytes: number;
  /** But for those of one link only (fe80::/10): nothing is copied from or to them. */
  readonly addresses: readonly string[];
  /** net.ipv4.conf.<device>.rp_filter, or that of `all` where it is larger: 0 off, 1 strict, 2 loose. */
  readonly reversePathFilter: number;
}

export interface Listener {
  /** `0.0.0.0` and `::` for every address of a family; a socket that takes both is listed by each. */
  readonly address: string;
  readonly port: number;
  /** Undefined when it belongs to somebody else. */
  readonly process: string | undefined;
  readonly pid: number | undefined;
}

/** A connection of a client to a port of this machine. */
export interface Connection {
  readonly localPort: number;
  readonly peer: string;
}

export interface RunningProgram {
  readonly pid: number;
  readonly name: string;
}

/** What the kernel would do with a packet to somebody. */
export type Way =
  | {
      readonly kind: 'goes';
      readonly device: string;
      readonly gateway: string | undefined;
      /** Of the route, where it has one of its own. */
      readonly mtu_bytes: number | undefined;
    }
  | { readonly kind: 'local' }
  /** @property reason in the kernel's words */
  | { readonly kind: 'nowhere'; readonly reason: string };

export interface Transfer {
  /** Undefined for every local address. */
  readonly onlineAddress: string | undefined;
  /** Of the clients that are copied; undefined for both. */
  readonly onlineFamily?: Family | undefined;
  readonly onlinePort: number;
  readonly testAddress: string;
  readonly testPort: number;
}

export interface TcpcopyFacts {
  readonly machine: MachineFacts;
  readonly transfers: readonly Transfer[];
  /** A capture file is played: no client is looked for. */
  readonly offline: boolean;
  /** The copied servers are other machines, whose packets a switch sends here too. */
  readonly mirrored: boolean;
  /** Of `-x`, addresses that this machine does not have at present, and waits for. */
  readonly absentAddresses: readonly string[];
  /** Undefined for all. */
  readonly captureDevices: readonly string[] | undefined;
  /** Longer packets are not copied. */
  readonly packetMax_bytes: number;
  readonly mtu_bytes: number;
  /** Of `-c`; empty for the clients' own. */
  readonly sourceAddresses: readonly string[];
  /** Of these, what this machine has itself. */
  readonly own: OwnSourceFacts | undefined;
  readonly copies: number;
  readonly portsPerAddress: number;
  readonly clients: readonly Connection[] | undefined;
  /** By test server. */
  readonly ways: ReadonlyMap<string, Way>;
  /** State of the next hop on the way (ip-neighbour(8)), by test server. */
  readonly neighbours: ReadonlyMap<string, string>;
  readonly control: readonly ControlAnswer[];
  readonly traffic: Traffic | undefined;
  /** Share of the watched time for which the tcpcopy that runs here was to run, and had no core. */
  readonly coreWait_percent?: number | undefined;
}

export interface OwnSourceFacts extends OwnPorts {
  /** What the kernel gives to programs that ask for no port; undefined where it does not tell. */
  readonly givenOut: PortRange | undefined;
  /** Of programs, from these ports to the test servers; empty where the kernel does not tell. */
  readonly used: readonly Route[];
}

/** What an intercept said to a tcpcopy that asked. */
export interface ControlAnswer {
  /** ip:port. */
  readonly intercept: string;
  readonly armed: boolean;
  /** It greeted; else `reason` is about the connection. */
  readonly welcomed: boolean;
  readonly reason: string;
  readonly passlist: readonly string[];
  /** Ports of these that copies come from. */
  readonly ownCopies: readonly OwnCopies[];
}

/** Packets of clients that were seen while the doctor watched. */
export interface Traffic {
  readonly watched_ms: number;
  /** Where it is captured. */
  readonly captured: number;
  /** By other devices, where some are named. */
  readonly elsewhere: ReadonlyMap<string, number>;
  /** Of other machines, where a mirror is captured: what there is besides. */
  readonly passing: Passing | undefined;
  /** Of those with a payload, how many began as a TLS record does. */
  readonly payloads: number;
  readonly tlsRecords: number;
}

/** TCP packets on the devices that a switch sends others' packets to. */
export interface Passing {
  /** For other machines. */
  readonly packets: number;
  /** Of the copied servers to their clients. */
  readonly answers: number;
}

export interface InterceptFacts {
  readonly machine: MachineFacts;
  /** Each has a queue, and a control port, behind those of the one before. */
  readonly workers: number;
  readonly caught:
    /** @property queue of the first worker */
    | { readonly by: 'queue'; readonly queue: number }
    | {
        readonly by: 'capture';
        /** Undefined for all. */
        readonly devices: readonly string[] | undefined;
        readonly filter: string;
        /** What libpcap says against the filter. */
        readonly filterFault: string | undefined;
        /** Copied ports whose responses it lets through. */
        readonly matched: readonly CopiedPort[];
        /** Settings, not 0, by which packets are let on. */
        readonly forwarding: Readonly<Record<Family, readonly string[]>> | undefined;
        readonly packets: number | undefined;
        readonly watched_ms: number;
      };
  /** With what this machine's own addresses add to it. */
  readonly passlist: readonly string[];
  /** Undefined for every address. */
  readonly bindAddress: string | undefined;
  readonly controlPort: number;
  readonly copied: readonly CopiedPort[];
  /** Ports whose rules intercept puts there itself when it starts. */
  readonly guardedPorts: readonly number[];
  /** They were named, not read in the rules. */
  readonly portsNamed: boolean;
  /** Named clients, or some that are connected. */
  readonly clients: readonly ClientProbe[];
  /** Addresses that nobody has, and that must have a route: to them goes what proves the guard. */
  readonly canaries: readonly Canary[];
  /** Packets that the reverse path filter dropped since the machine started. */
  readonly reversePathDropped: number | undefined;
}

/** A port of the test server's application, and a family over which it is copied to. */
export interface CopiedPort {
  readonly port: number;
  readonly family: Family;
}

export interface Canary {
  readonly address: string;
  readonly way: Way;
}

/** How a packet of a client would come in here, and what is for it go out. */
export interface ClientProbe {
  readonly client: string;
  /** Nobody named or saw it: it stands for clients from anywhere. */
  readonly stranger: boolean;
  readonly back: Way;
  /** IPv6 has no such filter. */
  readonly comesIn: 'yes' | 'reverse-path-filter' | 'unknown';
  readonly device: string;
}
