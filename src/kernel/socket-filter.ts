/**
 * Classic BPF programs (linux/filter.h) that let only the copied segments into a packet socket, so that no other packet
 * costs us anything. The program reads from the IPv4 header on.
 *
 * They go by port and direction: which addresses are this machine's changes while it runs, and is looked at behind them.
 */
import { RTM_DELROUTE, RTM_NEWROUTE, RTN_LOCAL } from './rtnetlink';

/** struct sock_filter: u16 code, u8 jump if true, u8 jump if false, u32 operand. */
interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

const LOAD_BYTE = 0x30; //        BPF_LD | BPF_B | BPF_ABS
const LOAD_HALF = 0x28; //        BPF_LD | BPF_H | BPF_ABS
const LOAD_WORD = 0x20; //        BPF_LD | BPF_W | BPF_ABS
const LOAD_HALF_INDEXED = 0x48; // BPF_LD | BPF_H | BPF_IND
const LOAD_HEADER_LENGTH = 0xb1; // BPF_LDX | BPF_B | BPF_MSH
const JUMP_EQUAL = 0x15; //       BPF_JMP | BPF_JEQ | BPF_K
const JUMP_AT_LEAST = 0x35; //    BPF_JMP | BPF_JGE | BPF_K
const JUMP_SET = 0x45; //         BPF_JMP | BPF_JSET | BPF_K
const RETURN = 0x06; //           BPF_RET | BPF_K

/** Where the kernel keeps what it knows of a packet besides its bytes: SKF_AD_OFF + SKF_AD_PKTTYPE, + SKF_AD_IFINDEX. */
const PACKET_TYPE = 0xffff_f004;
const DEVICE_INDEX = 0xffff_f008;
/** Of the types (linux/if_packet.h) the first that this machine does not take in: PACKET_OTHERHOST, PACKET_OUTGOING. */
const TYPE_NOT_FOR_US = 3;

const INSTRUCTION_BYTES = 8;
const WHOLE_PACKET = 0x40000;

/** Where a segment is let in: the port that it is sent to, and the address (host order) where only one is meant. */
export interface FilteredEndpoint {
  readonly address: number | undefined;
  readonly port: number;
}

const ld = (code: number, k: number): Instruction => ({ code, jt: 0, jf: 0, k });
const DROP = ld(RETURN, 0);
const LET_IN = ld(RETURN, WHOLE_PACKET);

export function compileEndpointFilter(endpoints: readonly FilteredEndpoint[]): Uint8Array {
  const blocks = endpoints.map(({ address, port }) => [
    ld(LOAD_HALF_INDEXED, 2), // destination port
    { code: JUMP_EQUAL, jt: 0, jf: address === undefined ? 1 : 3, k: port },
    ...(address === undefined
      ? []
      : [
          ld(LOAD_WORD, 16), // destination address
          { code: JUMP_EQUAL, jt: 0, jf: 1, k: address },
        ]),
    LET_IN,
  ]);
  return bytesOf([
    ld(LOAD_BYTE, 9), // protocol
    { code: JUMP_EQUAL, jt: 1, jf: 0, k: 6 },
    DROP,
    ld(LOAD_HALF, 6), // flags and fragment offset: a later fragment has no ports
    { code: JUMP_SET, jt: 0, jf: 1, k: 0x1fff },
    DROP,
    ld(LOAD_HEADER_LENGTH, 0),
    ...blocks.flat(),
    DROP,
  ]);
}

/**
 * Only what this machine takes in: not what a device hears that is for others (a promiscuous one), nor what goes out.
 *
 * @param program what else is asked of a packet
 * @param except devices, by interface index, whose packets are not wanted
 */
export function onlyIncoming(program: Uint8Array, except: readonly number[]): Uint8Array {
  const direction = bytesOf([
    ld(LOAD_WORD, PACKET_TYPE),
    { code: JUMP_AT_LEAST, jt: 0, jf: 1, k: TYPE_NOT_FOR_US },
    DROP,
    ...except.flatMap((index) => [
      ld(LOAD_WORD, DEVICE_INDEX),
      { code: JUMP_EQUAL, jt: 0, jf: 1, k: index },
      DROP,
    ]),
  ]);
  // Jumps are relative: what stands before a program does not change it.
  const bytes = new Uint8Array(direction.length + program.length);
  bytes.set(direction);
  bytes.set(program, direction.length);
  return bytes;
}

/** Offsets in a message of rtnetlink(7): the low byte of its type, and the type of a route. */
const MESSAGE_TYPE = 4;
const ROUTE_TYPE = 23;

/** Of what rtnetlink tells: everything but routes, and of these the local ones. Others may come in thousands. */
export const localRouteFilter = (): Uint8Array =>
  bytesOf([
    ld(LOAD_BYTE, MESSAGE_TYPE),
    { code: JUMP_EQUAL, jt: 2, jf: 0, k: RTM_NEWROUTE },
    { code: JUMP_EQUAL, jt: 1, jf: 0, k: RTM_DELROUTE },
    LET_IN,
    ld(LOAD_BYTE, ROUTE_TYPE),
    { code: JUMP_EQUAL, jt: 1, jf: 0, k: RTN_LOCAL },
    DROP,
    LET_IN,
  ]);

function bytesOf(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  program.forEach(({ code, jt, jf, k }, index) => {
    const at = index * INSTRUCTION_BYTES;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, jt);
    view.setUint8(at + 3, jf);
    view.setUint32(at + 4, k >>> 0, true);
  });
  return bytes;
}
