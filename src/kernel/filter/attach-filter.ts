/** Gives a socket a classic BPF program (socket(7), SO_ATTACH_FILTER). */
import { INSTRUCTION_BYTES } from './classic-bpf';
import type { Kernel } from '../kernel';

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;

/** @returns why the kernel refuses (an errno name), or undefined */
export function attachFilter(kernel: Kernel, descriptor: number, program: Uint8Array): string | undefined {
  const memory = kernel.allocate(program.length);
  memory.bytes.set(program);
  const described = new Uint8Array(16); // struct sock_fprog: u16 length, padding, pointer
  const view = new DataView(described.buffer);
  view.setUint16(0, program.length / INSTRUCTION_BYTES, true);
  view.setBigUint64(8, memory.address, true);
  const { libc } = kernel;
  try {
    // The kernel makes a copy of its own.
    const result = libc.setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, described, described.length);
    return result < 0 ? kernel.errno() : undefined;
  } finally {
    memory.free();
  }
}
