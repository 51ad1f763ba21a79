/** What is asked of live capture, whatever carries it out. */
import type { LocalAddress } from '../kernel/local-addresses';
import { compileEndpointFilter } from '../kernel/socket-filter';
import { devicesFor, type CaptureScope } from './devices';
import { captureFilter } from './filter';
import type { IntakeOptions } from './intake';

export interface CaptureRequest {
  readonly devices: readonly string[];
  /** pcap-filter(7). */
  readonly filter: string;
  /** The same as a classic BPF program; undefined where libpcap has to compile it. */
  readonly program: Uint8Array | undefined;
  readonly wanted: IntakeOptions;
  /** What may wait for each device while the process is late. */
  readonly buffer_bytes: number;
  /** Longer packets are counted and not handed on. */
  readonly packetMax_bytes: number;
}

/** What a user may ask for instead of what is found out. */
export interface CaptureWishes {
  readonly devices: readonly string[] | undefined;
  readonly filter: string | undefined;
  readonly buffer_bytes: number | undefined;
  readonly packetMax_bytes: number | undefined;
}

/** A small packet that waits takes about 1 KiB of this: a second and more at 40,000 packets a second. */
const BUFFER_BYTES = 64 * 1024 * 1024;
/** An IPv4 packet is at most 65,535 bytes long. */
const PACKET_MAX_BYTES = 65_535;

/** The packets of clients to copied ports. */
export function clientPackets(
  scope: CaptureScope,
  wishes: CaptureWishes,
  local: readonly LocalAddress[],
): CaptureRequest {
  const { endpoints, loopback } = scope;
  return {
    devices: wishes.devices ?? devicesFor(scope, local),
    ...(wishes.filter === undefined
      ? { filter: captureFilter(endpoints), program: compileEndpointFilter(endpoints) }
      : { filter: wishes.filter, program: undefined }),
    wanted: { own: ownAddresses(local), destination: 'own', loopback },
    ...sizes(wishes),
  };
}

/** All TCP packets that come in, or those that the filter names. */
export function incomingPackets(wishes: CaptureWishes, local: readonly LocalAddress[]): CaptureRequest {
  const addressed = local.filter(({ loopback }) => !loopback).map(({ device }) => device);
  return {
    devices: wishes.devices ?? [...new Set(addressed)],
    filter: wishes.filter ?? 'tcp',
    program: undefined,
    wanted: { own: ownAddresses(local), destination: 'other', loopback: false },
    ...sizes(wishes),
  };
}

function ownAddresses(local: readonly LocalAddress[]): IntakeOptions['own'] {
  const known = new Set(local.map(({ address }) => address));
  return { has: (address) => known.has(address), refresh: () => false };
}

const sizes = ({ buffer_bytes, packetMax_bytes }: CaptureWishes) => ({
  buffer_bytes: buffer_bytes ?? BUFFER_BYTES,
  packetMax_bytes: packetMax_bytes ?? PACKET_MAX_BYTES,
});
