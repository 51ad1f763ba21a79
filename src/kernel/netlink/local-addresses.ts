/**
 * The addresses of this machine: what its kernel takes for itself. That is what its local routes say: of every address of a
 * device, whatever its label, of a whole prefix of the loopback device, of routes that somebody made. Devices do not tell
 * as much: an address may be local although its device is down.
 */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { formatAddress, isLoopback, parseAddress } from '../../wire/address/address';
import { openBackend } from '../backend';
import { openKernel } from '../kernel';
import { formatPrefix, isWithin, readLocalRoutes, type LocalPrefix } from './local-routes';
import { NETLINK_ROUTE, NetlinkSocket } from './netlink';

export interface LocalAddress {
  readonly device: string;
  /** Host order. */
  readonly address: number;
  readonly text: string;
  readonly loopback: boolean;
}

/** As they were at one moment. */
export class LocalAddresses {
  /** By address as a signed integer: a map finds small integers fastest. */
  readonly #devices: ReadonlyMap<number, string>;
  /** Of more than one address. */
  readonly #ranges: readonly LocalPrefix[];

  constructor(readonly prefixes: readonly LocalPrefix[]) {
    const single = prefixes.filter(({ bits }) => bits === 32);
    this.#devices = new Map(single.map(({ address, device }) => [address | 0, device]));
    this.#ranges = prefixes.filter(({ bits }) => bits < 32);
  }

  /** @param address host order */
  has(address: number): boolean {
    if (this.#devices.has(address | 0)) return true;
    for (const range of this.#ranges) if (isWithin(range, address)) return true;
    return false;
  }

  /** @returns undefined when it is another machine's */
  deviceOf(address: number): string | undefined {
    return this.#devices.get(address | 0) ?? this.#ranges.find((range) => isWithin(range, address))?.device;
  }

  /** What is here and not there. */
  without(other: LocalAddresses): LocalPrefix[] {
    const known = new Set(other.prefixes.map(nameOf));
    return this.prefixes.filter((prefix) => !known.has(nameOf(prefix)));
  }

  /** Those that are a prefix by themselves. */
  get single(): LocalAddress[] {
    return this.prefixes.flatMap(({ address, bits, device }) =>
      bits === 32 ? [{ address, device, text: formatAddress(address), loopback: isLoopback(address) }] : [],
    );
  }
}

const nameOf = (prefix: LocalPrefix): string => `${formatPrefix(prefix)} ${prefix.device}`;

/** Without koffi it is the devices that are asked. @throws NetlinkError when the kernel cannot be asked */
export function localAddresses(): LocalAddresses {
  return openBackend('auto', askKernel, askDevices);
}

function askKernel(): LocalAddresses {
  const socket = new NetlinkSocket(openKernel(), NETLINK_ROUTE);
  try {
    return new LocalAddresses(readLocalRoutes(socket));
  } finally {
    socket.close();
  }
}

function askDevices(): LocalAddresses {
  const found = Object.entries(networkInterfaces()).flatMap(([name, entries = []]) =>
    entries
      .filter(({ family }) => family === 'IPv4')
      .map(({ address, internal, cidr }): LocalPrefix => {
        // The loopback device takes all of a prefix.
        const bits = internal && cidr !== null ? Number(cidr.split('/')[1]) : 32;
        const prefix = (parseAddress(address)! & (-1 << (32 - bits))) >>> 0;
        // It may be a label (`eth0:1`); no device has a colon in its name.
        return { address: prefix, bits, device: name.replace(/:.*$/, '') };
      }),
  );
  return new LocalAddresses(found);
}

/** Of the devices with an address that is not loopback; undefined when the kernel does not tell. */
export function smallestMtu_bytes(): number | undefined {
  const devices = new Set(
    localAddresses().single.flatMap(({ device, loopback }) => (loopback ? [] : [device])),
  );
  const sizes = [...devices].map(mtuOf).filter((size) => size !== undefined);
  return sizes.length > 0 ? Math.min(...sizes) : undefined;
}

function mtuOf(device: string): number | undefined {
  try {
    const size = Number(readFileSync(`/sys/class/net/${device}/mtu`, 'utf8'));
    return Number.isSafeInteger(size) && size > 0 ? size : undefined;
  } catch {
    return undefined;
  }
}
