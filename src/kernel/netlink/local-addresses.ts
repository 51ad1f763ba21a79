/**
 * The addresses of this machine: what its kernel takes for itself. That is what its local routes say: of every address of a
 * device, whatever its label, of a whole prefix of the loopback device, of routes that somebody made. Devices do not tell
 * as much: an address may be local although its device is down.
 */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { formatAddress, isIpv6, isLoopback, parseAddress, type Address } from '../../wire/address/address';
import { openBackend } from '../backend';
import { openKernel } from '../kernel';
import { formatPrefix, isSingle, isWithin, readLocalRoutes, type LocalPrefix } from './local-routes';
import { NETLINK_ROUTE, NetlinkSocket } from './netlink';

export interface LocalAddress {
  readonly device: string;
  readonly address: Address;
  readonly text: string;
  readonly loopback: boolean;
}

/** As they were at one moment. */
export class LocalAddresses {
  /** By `keyOf` the address. */
  readonly #devices: ReadonlyMap<number, string>;
  /** Of more than one address. */
  readonly #ranges: readonly LocalPrefix[];

  constructor(readonly prefixes: readonly LocalPrefix[]) {
    const single = prefixes.filter(isSingle);
    this.#devices = new Map(single.map(({ address, device }) => [keyOf(address), device]));
    this.#ranges = prefixes.filter((prefix) => !isSingle(prefix));
  }

  has(address: Address): boolean {
    if (this.#devices.has(keyOf(address))) return true;
    for (const range of this.#ranges) if (isWithin(range, address)) return true;
    return false;
  }

  /** @returns undefined when it is another machine's */
  deviceOf(address: Address): string | undefined {
    return (
      this.#devices.get(keyOf(address)) ?? this.#ranges.find((range) => isWithin(range, address))?.device
    );
  }

  /** What is here and not there. */
  without(other: LocalAddresses): LocalPrefix[] {
    const known = new Set(other.prefixes.map(nameOf));
    return this.prefixes.filter((prefix) => !known.has(nameOf(prefix)));
  }

  /** Those that are a prefix by themselves. */
  get single(): LocalAddress[] {
    return this.prefixes.filter(isSingle).map(({ address, device }) => ({
      address,
      device,
      text: formatAddress(address),
      loopback: isLoopback(address),
    }));
  }
}

/** IPv4 as a signed integer: a map finds small integers fastest. */
const keyOf = (address: Address): number => (isIpv6(address) ? address : address | 0);

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
    entries.map(({ address, internal, cidr, family }): LocalPrefix => {
      if (family === 'IPv6') return { address: parseAddress(address)!, bits: 128, device: name };
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
