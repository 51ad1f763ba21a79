/**
 * Classic BPF programs (linux/filter.h) that let only the copied segments into a packet socket, so that no other packet
 * costs us anything. The program reads from the IP header on.
 *
 * They go by port and direction: which addresses are this machine's changes while it runs, and is looked at behind them.
 */
import { familyOf, type Address, type Family } from '../../wire/address/address';
import { PORT_FACTOR } from '../../wire/tables/bucket';
import { SAMPLE_SALT, SHARES } from '../../wire/tables/sample';
import { SHARE_FACTOR, type Share } from '../../wire/tables/share';
import { assemble, branch, CODE, DROP, instruction, LET_IN, type Instruction } from './classic-bpf';
import { scaledTo, SPREAD } from './client-hash';
import { LAYOUTS } from './segment-filter';

/** Where the kernel keeps what it knows of a packet besides its bytes: SKF_AD_OFF + SKF_AD_PROTOCOL, + SKF_AD_PKTTYPE, + SKF_AD_IFINDEX. */
const PROTOCOL = 0xffff_f000;
const PACKET_TYPE = 0xffff_f004;
const DEVICE_INDEX = 0xffff_f008;
/** Of linux/if_packet.h. Types below the first are what this machine takes in, those from the second on did not come in. */
const PACKET_OTHERHOST = 3;
const PACKET_OUTGOING = 4;

/** Where a segment is let in: the port that it is sent to, and the address where only one is meant. */
export interface CapturedEndpoint {
  readonly address: Address | undefined;
  readonly port: number;
}

/** For packets of one family. */
export function compileEndpointFilter(endpoints: readonly CapturedEndpoint[], family: Family): Uint8Array {
  const { onlySegments, isFor } = LAYOUTS[family];
  const some = endpoints.filter(({ address }) => address === undefined || familyOf(address) === family);
  const blocks = some.map(({ address, port }) => {
    const letIn = [...(address === undefined ? [] : isFor(address, 1)), LET_IN];
    return [
      instruction(CODE.loadHalfIndexed, 2), // destination port
      branch(CODE.jumpEqual, port, 0, letIn.length),
      ...letIn,
    ];
  });
  return assemble(some.length === 0 ? [DROP] : [...onlySegments, ...blocks.flat(), DROP]);
}

/** Of linux/if_ether.h. */
const ETHERTYPES: Readonly<Record<Family, number>> = { 4: 0x0800, 6: 0x86dd };

/**
 * Segments of one family to and from these ports, whoever has them, as they come and go; of each its beginning only.
 *
 * @param except devices, by interface index, whose packets are not wanted
 * @param sampled share of their connections, by the end that has none of the ports (src/wire/tables/sample.ts)
 * @param share of a worker, by the same end; undefined for all
 */
export function compileBothWaysFilter(
  ports: readonly number[],
  family: Family,
  except: readonly number[],
  snap_bytes: number,
  sampled = SHARES,
  share?: Share,
): Uint8Array {
  const letIn = instruction(CODE.return, snap_bytes);
  const { sourceWord, destinationWord } = LAYOUTS[family];
  const ways = [
    { port: SOURCE_PORT, clientPort: DESTINATION_PORT, client: destinationWord },
    { port: DESTINATION_PORT, clientPort: SOURCE_PORT, client: sourceWord },
  ];
  return assemble([
    instruction(CODE.loadWord, PROTOCOL),
    branch(CODE.jumpEqual, ETHERTYPES[family], 1, 0),
    DROP,
    ...notBy(except),
    ...LAYOUTS[family].onlySegments,
    ...ways.flatMap((way) => {
      const decide = [
        ...(share ? onlyOfShare(way, share) : []),
        ...(sampled < SHARES ? letSampledIn(way, sampled, letIn) : [letIn]),
      ];
      return [
        instruction(CODE.loadHalfIndexed, way.port),
        ...ports.flatMap((port) => [branch(CODE.jumpEqual, port, 0, decide.length), ...decide]),
      ];
    }),
    DROP,
  ]);
}

/** Where they stand behind X. */
const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
/** Places of M. */
const SPREAD_PORT = 0;
const TCP_HEADER = 1;

/** Whose end is a client's; X is at the TCP header. */
interface Way {
  readonly clientPort: number;
  /** Loads its address as one word. */
  readonly client: readonly Instruction[];
}

const letSampledIn = ({ clientPort, client }: Way, sampled: number, letIn: Instruction): Instruction[] => [
  instruction(CODE.loadHalfIndexed, clientPort),
  instruction(CODE.multiply, PORT_FACTOR),
  instruction(CODE.store, SPREAD_PORT),
  ...client,
  instruction(CODE.loadIndexConstant, SAMPLE_SALT),
  instruction(CODE.xorIndex),
  instruction(CODE.loadIndexMemory, SPREAD_PORT),
  instruction(CODE.addIndex),
  ...SPREAD,
  ...scaledTo(SHARES),
  branch(CODE.jumpNotBelow, sampled, 1, 0),
  letIn,
  DROP,
];

/** Goes on with what is the worker's, X where it was. */
const onlyOfShare = ({ clientPort, client }: Way, { index, count }: Share): Instruction[] => [
  instruction(CODE.storeIndex, TCP_HEADER),
  instruction(CODE.loadHalfIndexed, clientPort),
  instruction(CODE.multiply, SHARE_FACTOR),
  instruction(CODE.store, SPREAD_PORT),
  ...client,
  ...SPREAD,
  instruction(CODE.loadIndexMemory, SPREAD_PORT),
  instruction(CODE.addIndex),
  ...scaledTo(count),
  instruction(CODE.loadIndexMemory, TCP_HEADER),
  branch(CODE.jumpEqual, index, 1, 0),
  DROP,
];

const notBy = (devices: readonly number[]): Instruction[] =>
  devices.flatMap((index) => [
    instruction(CODE.loadWord, DEVICE_INDEX),
    branch(CODE.jumpEqual, index, 0, 1),
    DROP,
  ]);

/** Whoever they are for. */
export const compileSegmentFilter = (family: Family): Uint8Array =>
  assemble([...LAYOUTS[family].onlySegments, LET_IN]);

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
    ...notBy(except),
  ]);
  // Jumps are relative: what stands before a program does not change it.
  const bytes = new Uint8Array(direction.length + program.length);
  bytes.set(direction);
  bytes.set(program, direction.length);
  return bytes;
}
