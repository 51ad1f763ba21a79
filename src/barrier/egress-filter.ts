/**
 * The last net: a classic BPF program for the way out of a device (tc-bpf(8), clsact, egress, direct-action). It drops what
 * still comes from a copied port to anybody off the passlist, whatever became of all tables of rules.
 */
import { branch, CODE, DROP, instruction, LET_IN, type Instruction } from '../kernel/filter/classic-bpf';
import { LAYOUTS } from '../kernel/filter/segment-filter';
import { familyOf, type Family } from '../wire/address/address';
import type { Barrier } from './wanted';

/** Offsets from the network header on, whatever link header the device has (linux/filter.h, SKF_NET_OFF). */
const FROM_NETWORK_HEADER = 0xfff0_0000;
/** linux/pkt_cls.h: what other filters say of it; and away with it. */
const TC_ACT_UNSPEC = 0xffff_ffff;
const TC_ACT_SHOT = 2;

const PASS = instruction(CODE.return, TC_ACT_UNSPEC);
const SHOOT = instruction(CODE.return, TC_ACT_SHOT);

const PACKET_LOADS: ReadonlySet<number> = new Set([
  CODE.loadByte,
  CODE.loadHalf,
  CODE.loadWord,
  CODE.loadByteIndexed,
  CODE.loadHalfIndexed,
  CODE.loadHeaderLength,
]);

/** For packets of one family. */
export function egressProgram({ ports, passed, ownCopies }: Barrier, family: Family): Instruction[] {
  const { onlySegments, isFor } = LAYOUTS[family];
  const isOfFamily = ({ address }: { readonly address: number }): boolean => familyOf(address) === family;
  const fromCopied = ports.flatMap((port, index) => {
    // Over the comparisons that are left, and the verdict on all other ports.
    const behind = ports.length - 1 - index;
    return [branch(CODE.jumpEqual, port, 0, 1), instruction(CODE.jump, 2 * behind + 1)];
  });
  const toOwnCopies = ownCopies.filter(isOfFamily).flatMap(({ address, ports: { first, last } }) => {
    const decide = [
      instruction(CODE.loadHalfIndexed, 2), // destination port
      branch(CODE.jumpNotBelow, first, 0, 2),
      branch(CODE.jumpNotBelow, last + 1, 1, 0),
      SHOOT,
    ];
    return [...isFor(address, decide.length), ...decide];
  });
  const toPassed = passed
    .filter((address) => isOfFamily({ address }))
    .flatMap((address) => [...isFor(address, 1), PASS]);
  return [
    ...onlySegments,
    instruction(CODE.loadHalfIndexed, 0), // source port
    ...fromCopied,
    PASS,
    ...toOwnCopies,
    ...toPassed,
    SHOOT,
  ].map(atNetworkHeader);
}

/** As `tc filter … bpf bytecode` takes it. */
export const bytecodeOf = (program: readonly Instruction[]): string =>
  [program.length, ...program.map(({ code, jt, jf, k }) => `${code} ${jt} ${jf} ${k >>> 0}`)].join(',');

function atNetworkHeader(one: Instruction): Instruction {
  // What is no segment, and what has more headers than the program goes through, is no response.
  if (one === DROP || one === LET_IN) return PASS;
  return PACKET_LOADS.has(one.code) ? { ...one, k: FROM_NETWORK_HEADER + one.k } : one;
}
