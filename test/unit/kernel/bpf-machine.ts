/** A classic BPF machine (the BSD packet filter's paper, table 1), for the instructions that our programs use. */
import { CODE, disassemble } from '../../../src/kernel/filter/classic-bpf';

/** @param packet from its IPv4 header on @returns how many bytes of it are let in */
export function runFilter(program: Uint8Array, packet: Uint8Array): number {
  const instructions = disassemble(program);
  const data = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const memory = new Map<number, number>();
  let a = 0;
  let x = 0;
  for (let at = 0; at < instructions.length; at += 1) {
    const { code, jt, jf, k } = instructions[at]!;
    const remembered = (): number => {
      const word = memory.get(k);
      if (word === undefined) throw new Error(`instruction ${at} reads what nobody stored`);
      return word;
    };
    const jump = (taken: boolean): void => void (at += taken ? jt : jf);
    switch (code) {
      case CODE.loadByte:
        a = data.getUint8(k);
        break;
      case CODE.loadHalf:
        a = data.getUint16(k);
        break;
      case CODE.loadWord:
        a = data.getUint32(k);
        break;
      case CODE.loadByteIndexed:
        a = data.getUint8(x + k);
        break;
      case CODE.loadHalfIndexed:
        a = data.getUint16(x + k);
        break;
      case CODE.loadHeaderLength:
        x = (data.getUint8(k) & 0xf) * 4;
        break;
      case CODE.loadConstant:
        a = k;
        break;
      case CODE.loadMemory:
        a = remembered();
        break;
      case CODE.loadIndexMemory:
        x = remembered();
        break;
      case CODE.store:
        memory.set(k, a);
        break;
      case CODE.toIndex:
        x = a;
        break;
      case CODE.addIndex:
        a = (a + x) >>> 0;
        break;
      case CODE.multiply:
        a = Math.imul(a, k) >>> 0;
        break;
      case CODE.and:
        a = (a & k) >>> 0;
        break;
      case CODE.xorIndex:
        a = (a ^ x) >>> 0;
        break;
      case CODE.shiftRight:
        a = a >>> k;
        break;
      case CODE.shiftRightIndex:
        a = a >>> x;
        break;
      case CODE.jump:
        at += k;
        break;
      case CODE.jumpEqual:
        jump(a === k);
        break;
      case CODE.jumpNotBelow:
        jump(a >= k);
        break;
      case CODE.jumpSet:
        jump((a & k) !== 0);
        break;
      case CODE.return:
        return k;
      default:
        throw new Error(`instruction ${at} is not known`);
    }
  }
  throw new Error('the program has no end');
}
