/**
 * Where classic BPF finds things in a packet of each family, from the IP header on: what every filter of segments begins with.
 */
import { writeIpv6Address, type Address, type Family } from '../../wire/address/address';
import { readU32 } from '../../wire/big-endian';
import { NEXT_HEADER_OF } from '../../wire/ip/ipv6';
import { branch, CODE, DROP, instruction, LET_IN, type Instruction } from './classic-bpf';

const PROTOCOL_TCP = 6;
const FRAGMENT_OFFSET = 0x1fff;
/** Extension headers that the kernel goes through; what has more is let in, and looked at behind the filter. */
const EXTENSIONS_MAX = 3;
/** Places of M that a walk through extension headers takes. */
const HEADER_AT = 14;
const NEXT_HEADER = 15;

export interface FamilyLayout {
  /** Goes on with TCP segments that have their ports, X at the TCP header; what else there is is dropped. */
  readonly onlySegments: readonly Instruction[];
  /** A = the source address as one word (src/wire/address, `wordOf`). */
  readonly sourceWord: readonly Instruction[];
  /** A = the destination's. */
  readonly destinationWord: readonly Instruction[];
  /** X = where the TCP header begins, of a segment that has none before it but the IP header. */
  readonly toSegment: readonly Instruction[];
  /** Goes on where it is such a segment, and over `otherwise.length` instructions less where it is not. */
  readonly isPlainSegment: (otherwise: readonly Instruction[]) => readonly Instruction[];
  /** Goes on where the packet is for this address, else over `skipped` instructions behind it. */
  readonly isFor: (address: Address, skipped: number) => readonly Instruction[];
}

const IPV4: FamilyLayout = {
  onlySegments: [
    instruction(CODE.loadByte, 9), // protocol
    branch(CODE.jumpEqual, PROTOCOL_TCP, 1, 0),
    DROP,
    instruction(CODE.loadHalf, 6), // flags and fragment offset: a later fragment has no ports
    branch(CODE.jumpSet, FRAGMENT_OFFSET, 0, 1),
    DROP,
    instruction(CODE.loadHeaderLength, 0),
  ],
  sourceWord: [instruction(CODE.loadWord, 12)],
  destinationWord: [instruction(CODE.loadWord, 16)],
  toSegment: [instruction(CODE.loadHeaderLength, 0)],
  isPlainSegment: (otherwise) => [
    instruction(CODE.loadByte, 9),
    branch(CODE.jumpEqual, PROTOCOL_TCP, 0, 2),
    instruction(CODE.loadHalf, 6),
    branch(CODE.jumpSet, FRAGMENT_OFFSET, 0, otherwise.length),
    ...otherwise,
  ],
  isFor: (address, skipped) => [
    instruction(CODE.loadWord, 16), // destination
    branch(CODE.jumpEqual, address, 0, skipped),
  ],
};

const IPV6_HEADER_BYTES = 40;
const NEXT_HEADER_AT = 6;
const SOURCE_AT = 8;
const DESTINATION_AT = 24;
const WORDS = [0, 4, 8, 12] as const;

const IPV6: FamilyLayout = {
  onlySegments: walkToSegment(),
  sourceWord: oneWord(SOURCE_AT),
  destinationWord: oneWord(DESTINATION_AT),
  toSegment: [instruction(CODE.loadIndexConstant, IPV6_HEADER_BYTES)],
  isPlainSegment: (otherwise) => [
    instruction(CODE.loadByte, NEXT_HEADER_AT),
    branch(CODE.jumpEqual, PROTOCOL_TCP, otherwise.length, 0),
    ...otherwise,
  ],
  isFor: (address, skipped) => {
    const bytes = new Uint8Array(16);
    writeIpv6Address(bytes, 0, address);
    return WORDS.flatMap((word) => [
      instruction(CODE.loadWord, DESTINATION_AT + word),
      branch(CODE.jumpEqual, readU32(bytes, word), 0, skipped + (12 - word) / 2),
    ]);
  },
};

/** A = the four words from there, one xor the other. */
function oneWord(at: number): readonly Instruction[] {
  return WORDS.flatMap((word) => [
    ...(word === 0 ? [] : [instruction(CODE.toIndex)]),
    instruction(CODE.loadWord, at + word),
    ...(word === 0 ? [] : [instruction(CODE.xorIndex)]),
  ]);
}

/** Of all extension headers a fragment's alone has a length of its own; of fragments only the first has ports. */
function walkToSegment(): readonly Instruction[] {
  const { hopByHop, routing, fragment, destinationOptions } = NEXT_HEADER_OF;
  const passExtension = [
    instruction(CODE.loadIndexMemory, HEADER_AT),
    instruction(CODE.loadByteIndexed, 0),
    instruction(CODE.store, NEXT_HEADER),
    instruction(CODE.loadByteIndexed, 1),
    instruction(CODE.multiply, 8),
    instruction(CODE.add, 8),
    instruction(CODE.addIndex),
    instruction(CODE.store, HEADER_AT),
    instruction(CODE.loadMemory, NEXT_HEADER),
  ];
  const passFragment = [
    instruction(CODE.loadIndexMemory, HEADER_AT),
    instruction(CODE.loadHalfIndexed, 2),
    branch(CODE.jumpSet, 0xfff8, 0, 1),
    DROP,
    instruction(CODE.loadByteIndexed, 0),
    instruction(CODE.store, NEXT_HEADER),
    instruction(CODE.loadConstant, 8),
    instruction(CODE.addIndex),
    instruction(CODE.store, HEADER_AT),
    instruction(CODE.loadMemory, NEXT_HEADER),
  ];
  const turn = (behind: number): readonly Instruction[] => {
    const pass = [
      branch(CODE.jumpEqual, fragment, 3 + 1 + passExtension.length + 1, 0),
      branch(CODE.jumpEqual, hopByHop, 3, 0),
      branch(CODE.jumpEqual, routing, 2, 0),
      branch(CODE.jumpEqual, destinationOptions, 1, 0),
      DROP,
      ...passExtension,
      instruction(CODE.jump, passFragment.length),
      ...passFragment,
    ];
    return [
      branch(CODE.jumpEqual, PROTOCOL_TCP, 0, 1),
      instruction(CODE.jump, pass.length + behind),
      ...pass,
    ];
  };
  const last = [branch(CODE.jumpEqual, PROTOCOL_TCP, 1, 0), LET_IN];
  const turns: Instruction[] = [];
  for (let left = EXTENSIONS_MAX; left > 0; left -= 1) turns.unshift(...turn(turns.length + last.length));
  return [
    instruction(CODE.loadConstant, IPV6_HEADER_BYTES),
    instruction(CODE.store, HEADER_AT),
    instruction(CODE.loadByte, NEXT_HEADER_AT),
    ...turns,
    ...last,
    instruction(CODE.loadIndexMemory, HEADER_AT),
  ];
}

export const LAYOUTS: Readonly<Record<Family, FamilyLayout>> = { 4: IPV4, 6: IPV6 };
