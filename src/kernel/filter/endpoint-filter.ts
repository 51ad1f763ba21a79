/**
 * Classic BPF programs (linux/filter.h) that let only the copied segments into a packet socket, so that no other packet
 * costs us anything. The program reads from the IPv4 header on.
 *
 * They go by port and direction: which addresses are this machine's changes while it runs, and is looked at behind them.
 */
import { assemble, branch, CODE, DROP, instruction, LET_IN } from './classic-bpf';

/** Where the kernel keeps what it knows of a packet besides its bytes: SKF_AD_OFF + SKF_AD_PKTTYPE, + SKF_AD_IFINDEX. */
const PACKET_TYPE = 0xffff_f004;
const DEVICE_INDEX = 0xffff_f008;
/** Of linux/if_packet.h. Types below the first are what this machine takes in, those from the second on did not come in. */
const PACKET_OTHERHOST = 3;
const PACKET_OUTGOING = 4;

/** Goes on with TCP segments that have their ports. */
const ONLY_SEGMENTS = [
  instruction(CODE.loadByte, 9), // protocol
  branch(CODE.jumpEqual, 6, 1, 0),
  DROP,
  instruction(CODE.loadHalf, 6), // flags and fragment offset: a later fragment has no ports
  branch(CODE.jumpSet, 0x1fff, 0, 1),
  DROP,
];

/** Where a segment is let in: the port that it is sent to, and the address (host order) where only one is meant. */
export interface CapturedEndpoint {
  readonly address: number | undefined;
  readonly port: number;
}

export function compileEndpointFilter(endpoints: readonly CapturedEndpoint[]): Uint8Array {
  const blocks = endpoints.map(({ address, port }) => [
    instruction(CODE.loadHalfIndexed, 2), // destination port
    branch(CODE.jumpEqual, port, 0, address === undefined ? 1 : 3),
    ...(address === undefined
      ? []
      : [
          instruction(CODE.loadWord, 16), // destination address
          branch(CODE.jumpEqual, address, 0, 1),
        ]),
    LET_IN,
  ]);
  return assemble([...ONLY_SEGMENTS, instruction(CODE.loadHeaderLength, 0), ...blocks.flat(), DROP]);
}

/** Whoever they are for. */
export const compileSegmentFilter = (): Uint8Array => assemble([...ONLY_SEGMENTS, LET_IN]);

export interface Incoming {
  /** Also what a promiscuous device hears that is for other machines. */
  readonly forOthers: boolean;
  /** Devices, by interface index, whose packets are not wanted. */
  readonly except: readonly number[];
}

/**
 * Only what comes in, not what goes out.
 *
 * @param program what else is asked of a packet
 */
export function onlyIncoming(program: Uint8Array, { forOthers, except }: Incoming): Uint8Array {
  const direction = assemble([
    instruction(CODE.loadWord, PACKET_TYPE),
    branch(CODE.jumpNotBelow, forOthers ? PACKET_OUTGOING : PACKET_OTHERHOST, 0, 1),
    DROP,
    ...except.flatMap((index) => [
      instruction(CODE.loadWord, DEVICE_INDEX),
      branch(CODE.jumpEqual, index, 0, 1),
      DROP,
    ]),
  ]);
  // Jumps are relative: what stands before a program does not change it.
  const bytes = new Uint8Array(direction.length + program.length);
  bytes.set(direction);
  bytes.set(program, direction.length);
  return bytes;
}
