/**
 * An executable without what is not loaded, such as its table of symbols, which only debuggers read: what strip(1) of binutils does,
 * by no version of it in particular, and for every architecture. ELF with 64 bits, little-endian (elf(5), elf.h).
 */

/** Offsets in the file's header, and in a section's. */
const HEADER = { sections: 0x28, sectionCount: 0x3c, namesIndex: 0x3e } as const;
const SECTION = { type: 4, flags: 8, offset: 24, size: 32, link: 40 } as const;
const SECTION_BYTES = 64;
const SHT_NULL = 0;
const SHT_NOBITS = 8;
const SHF_ALLOC = 2;

interface Section {
  readonly index: number;
  readonly isKept: boolean;
  /** Where its contents stand in the file. */
  readonly offset: number;
  readonly end: number;
  /** Its header, a copy. */
  readonly header: DataView;
}

/** @throws Error where it is no such file */
export function withoutSymbols(elf: Uint8Array): Uint8Array {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.length);
  // The magic number, ELFCLASS64, ELFDATA2LSB.
  if (elf.length < 64 || view.getUint32(0) !== 0x7f454c46 || view.getUint16(4) !== 0x0201)
    throw new Error('This is no ELF file with 64 bits, little-endian.');
  const sections = sectionsOf(view);
  const names = sections[view.getUint16(HEADER.namesIndex, true)]!;
  const kept = sections.filter((section) => section.isKept || section === names);
  const loadedEnd = Math.max(...sections.filter(({ isKept }) => isKept).map(({ end }) => end));
  const table = aligned(loadedEnd + names.end - names.offset);

  const stripped = new Uint8Array(table + kept.length * SECTION_BYTES);
  stripped.set(elf.subarray(0, loadedEnd));
  stripped.set(elf.subarray(names.offset, names.end), loadedEnd);
  names.header.setBigUint64(SECTION.offset, BigInt(loadedEnd), true);
  const places = new Map(kept.map(({ index }, place) => [index, place]));
  for (const [place, { header }] of kept.entries()) {
    header.setUint32(SECTION.link, places.get(header.getUint32(SECTION.link, true)) ?? 0, true);
    stripped.set(new Uint8Array(header.buffer), table + place * SECTION_BYTES);
  }
  const head = new DataView(stripped.buffer);
  head.setBigUint64(HEADER.sections, BigInt(table), true);
  head.setUint16(HEADER.sectionCount, kept.length, true);
  head.setUint16(HEADER.namesIndex, places.get(names.index)!, true);
  return stripped;
}

const aligned = (offset: number): number => Math.ceil(offset / 8) * 8;

function sectionsOf(elf: DataView): Section[] {
  const table = Number(elf.getBigUint64(HEADER.sections, true));
  return Array.from({ length: elf.getUint16(HEADER.sectionCount, true) }, (_, index) => {
    const at = elf.byteOffset + table + index * SECTION_BYTES;
    const header = new DataView(elf.buffer.slice(at, at + SECTION_BYTES));
    const type = header.getUint32(SECTION.type, true);
    const isLoaded = (Number(header.getBigUint64(SECTION.flags, true)) & SHF_ALLOC) !== 0;
    const offset = Number(header.getBigUint64(SECTION.offset, true));
    const size = type === SHT_NOBITS ? 0 : Number(header.getBigUint64(SECTION.size, true));
    return { index, isKept: isLoaded || type === SHT_NULL, offset, end: offset + size, header };
  });
}
