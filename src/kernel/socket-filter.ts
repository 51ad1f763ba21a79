/**
 * Classic BPF programs (linux/filter.h) that let only the copied segments into a packet socket, so that no other packet
 * costs us anything. The program reads from the IPv4 header on.
 */

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
const JUMP_SET = 0x45; //         BPF_JMP | BPF_JSET | BPF_K
const RETURN = 0x06; //           BPF_RET | BPF_K

const INSTRUCTION_BYTES = 8;
const WHOLE_PACKET = 0x40000;

/** Where a segment is let in: an address (host order) and port that it is sent to. */
export interface FilteredEndpoint {
  readonly addresses: readonly number[];
  readonly port: number;
}

const ld = (code: number, k: number): Instruction => ({ code, jt: 0, jf: 0, k });

export function compileEndpointFilter(endpoints: readonly FilteredEndpoint[]): Uint8Array {
  const blocks = endpoints.map(({ addresses, port }) => [
    ld(LOAD_HALF_INDEXED, 2), // destination port
    { code: JUMP_EQUAL, jt: 0, jf: 1 + 2 * addresses.length, k: port },
    ld(LOAD_WORD, 16), // destination address
    ...addresses.flatMap((address) => [
      { code: JUMP_EQUAL, jt: 0, jf: 1, k: address },
      ld(RETURN, WHOLE_PACKET),
    ]),
  ]);
  const drop = ld(RETURN, 0);
  const program: Instruction[] = [
    ld(LOAD_BYTE, 9), // protocol
    { code: JUMP_EQUAL, jt: 1, jf: 0, k: 6 },
    drop,
    ld(LOAD_HALF, 6), // flags and fragment offset: a later fragment has no ports
    { code: JUMP_SET, jt: 0, jf: 1, k: 0x1fff },
    drop,
    ld(LOAD_HEADER_LENGTH, 0),
    ...blocks.flat(),
    drop,
  ];
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
