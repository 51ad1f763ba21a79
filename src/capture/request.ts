/** What is asked of live capture, whatever carries it out. */
import { compileEndpointFilter, compileSegmentFilter } from '../kernel/filter/endpoint-filter';
import type { Family } from '../wire/address/address';
import type { Share } from '../wire/tables/share';
import { devicesAmong, type CaptureScope } from './devices';
import { captureFilter } from './filter';
import type { Wanted } from './intake';

export interface CaptureRequest {
  /** Undefined for all. */
  readonly devices: readonly string[] | undefined;
  /** pcap-filter(7). */
  readonly filter: string;
  /** The same as a classic BPF program for each family; undefined where libpcap has to compile it. */
  readonly programs: Readonly<Record<Family, Uint8Array>> | undefined;
  readonly wanted: Wanted;
  /** What may wait for each device that is named, or for all together, while the process is late. */
  readonly buffer_bytes: number;
  /** Longer packets are counted and not handed on. */
  readonly packetMax_bytes: number;
  /** Of a worker: what others have is left to them. Undefined for all. */
  readonly share?: Share | undefined;
  /** The kernel is asked when each packet came; else it counts as captured when it was read. */
  readonly stamped?: boolean;
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
/** An IPv6 packet is at most so long, an IPv4 packet 65,535 bytes. */
const PACKET_MAX_BYTES = 65_575;

const ofEach = (program: (family: Family) => Uint8Array): Record<Family, Uint8Array> => ({
  4: program(4),
  6: program(6),
});

/** The packets of clients to copied ports. @param share of a worker; its part of them */
export function clientPackets(
  { endpoints, mirrored, loopback }: CaptureScope,
  wishes: CaptureWishes,
  share?: Share,
): CaptureRequest {
  return {
    devices: devicesAmong(wishes.devices),
    ...(wishes.filter === undefined
      ? {
          filter: captureFilter(endpoints),
          programs: ofEach((family) => compileEndpointFilter(endpoints, family)),
        }
      : { filter: wishes.filter, programs: undefined }),
    wanted: { to: mirrored ? 'anybody' : 'this-machine', loopback },
    ...(share && { share }),
    ...sizes(wishes, share),
  };
}

/** All TCP packets that come by, whoever they are for and from. */
export function packetsThatComeBy(wishes: Omit<CaptureWishes, 'filter'>): CaptureRequest {
  return {
    devices: devicesAmong(wishes.devices),
    filter: 'tcp',
    programs: ofEach(compileSegmentFilter),
    wanted: { to: 'anybody', loopback: false },
    ...sizes(wishes),
  };
}

/** All TCP packets that come in for others, or those of them that the filter names. @param share of a worker; its part of them */
export function packetsForOthers(wishes: CaptureWishes, share?: Share): CaptureRequest {
  return {
    devices: devicesAmong(wishes.devices),
    filter: wishes.filter ?? 'tcp',
    programs: undefined,
    wanted: { to: 'others', loopback: false },
    stamped: true,
    ...(share && { share }),
    ...sizes(wishes, share),
  };
}

const sizes = ({ buffer_bytes, packetMax_bytes }: Omit<CaptureWishes, 'filter'>, share?: Share) => ({
  buffer_bytes: Math.ceil((buffer_bytes ?? BUFFER_BYTES) / (share?.count ?? 1)),
  packetMax_bytes: packetMax_bytes ?? PACKET_MAX_BYTES,
});
