/** Classic BPF, as the kernel takes it for sockets (linux/filter.h, linux/bpf_common.h): instructions, and their bytes. */

/** struct sock_filter: u16 code, u8 jump if true, u8 jump if false, u32 operand. Jumps count from the next instruction. */
export interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

export const INSTRUCTION_BYTES = 8;

/** A is the accumulator, X the index, M 16 words of memory, P the packet, k the operand. */
export const CODE = {
  loadByte: 0x30, //         A = P[k], u8: BPF_LD | BPF_B | BPF_ABS
  loadHalf: 0x28, //         A = P[k], u16
  loadWord: 0x20, //         A = P[k], u32
  loadByteIndexed: 0x50, //  A = P[X + k], u8: BPF_LD | BPF_B | BPF_IND
  loadHalfIndexed: 0x48, //  A = P[X + k], u16
  loadIndexConstant: 0x01, // X = k: BPF_LDX | BPF_IMM
  loadHeaderLength: 0xb1, // X = 4 * (P[k] & 15): BPF_LDX | BPF_B | BPF_MSH
  loadConstant: 0x00, //     A = k: BPF_LD | BPF_IMM
  loadMemory: 0x60, //       A = M[k]: BPF_LD | BPF_MEM
  loadIndexMemory: 0x61, //  X = M[k]: BPF_LDX | BPF_MEM
  store: 0x02, //            M[k] = A: BPF_ST
  storeIndex: 0x03, //       M[k] = X: BPF_STX
  toIndex: 0x07, //          X = A: BPF_MISC | BPF_TAX
  add: 0x04, //              A += k: BPF_ALU | BPF_ADD | BPF_K
  addIndex: 0x0c, //         A += X: BPF_ALU | BPF_ADD | BPF_X
  multiply: 0x24, //         A *= k, modulo 2^32: BPF_ALU | BPF_MUL | BPF_K
  and: 0x54, //              A &= k: BPF_ALU | BPF_AND | BPF_K
  xorIndex: 0xac, //         A ^= X: BPF_ALU | BPF_XOR | BPF_X
  shiftRight: 0x74, //       A >>= k: BPF_ALU | BPF_RSH | BPF_K
  shiftRightIndex: 0x7c, //  A >>= X: BPF_ALU | BPF_RSH | BPF_X
  jump: 0x05, //             by k: BPF_JMP | BPF_JA
  jumpEqual: 0x15, //        A == k: BPF_JMP | BPF_JEQ | BPF_K
  jumpNotBelow: 0x35, //     A >= k: BPF_JMP | BPF_JGE | BPF_K
  jumpSet: 0x45, //          A & k: BPF_JMP | BPF_JSET | BPF_K
  return: 0x06, //           k bytes of the packet are let in, none for 0: BPF_RET | BPF_K
} as const;

export const instruction = (code: number, k = 0): Instruction => ({ code, jt: 0, jf: 0, k });

export const branch = (code: number, k: number, jt: number, jf: number): Instruction => ({ code, jt, jf, k });

/** More than any packet holds. */
export const WHOLE_PACKET = 0x40000;
export const LET_IN = instruction(CODE.return, WHOLE_PACKET);
export const DROP = instruction(CODE.return, 0);

export function assemble(program: readonly Instruction[]): Uint8Array {
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

export function disassemble(bytes: Uint8Array): Instruction[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / INSTRUCTION_BYTES }, (_, index) => {
    const at = index * INSTRUCTION_BYTES;
    return {
      code: view.getUint16(at, true),
      jt: view.getUint8(at + 2),
      jf: view.getUint8(at + 3),
      k: view.getUint32(at + 4, true),
    };
  });
}
