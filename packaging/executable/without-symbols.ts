/**
 * An executable without its table of symbols, which only debuggers read: what strip(1) of binutils does, by no version of it in
 * particular, and for every architecture. ELF with 64 bits, little-endian (elf(5), elf.h).
 */

/** In the file's header. */
const HEADER = { sections: 0x28, sectionCount: 0x3c, namesIndex: 0x3e } as const;
/** In a section's. */
const SECTION = { type: 4, flags: 8, offset: 24, size: 32, link: 40, info: 44, alignment: 48 } as const;
const SECTION_BYTES = 64;
const SHT_SYMTAB = 2;
const SHF_ALLOC = 2;

interface Section {
  readonly index: number;
  /** Its header. */
  readonly bytes: Uint8Array;
  readonly type: number;
  readonly isLoaded: boolean;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly alignment: number;
}

/** @throws Error where it is no such file, or its symbols stand among what is loaded */
export function withoutSymbols(elf: Uint8Array): Uint8Array {
  const sections = sectionsOf(elf);
  const symbols = sections.find(({ type }) => type === SHT_SYMTAB);
  if (!symbols) return elf;
  const dropped = new Set([symbols.index, symbols.link]);
  const cut = Math.min(...sections.filter(({ index }) => dropped.has(index)).map(({ offset }) => offset));
  if (sections.some(({ isLoaded, offset, size }) => isLoaded && offset + size > cut))
    throw new Error('The table of symbols does not stand behind all that is loaded.');
  const kept = sections.filter(({ index }) => !dropped.has(index));
  const pieces: Uint8Array[] = [elf.subarray(0, cut)];
  let end = cut;
  const append = (bytes: Uint8Array, alignment: number): number => {
    const offset = Math.ceil(end / alignment) * alignment;
    pieces.push(new Uint8Array(offset - end), bytes);
    end = offset + bytes.length;
    return offset;
  };
  const renumbered = new Map(kept.map(({ index }, place) => [index, place]));
  const headers = kept.map((section) => {
    const header = section.bytes.slice();
    const view = new DataView(header.buffer);
    if (!section.isLoaded && section.offset > cut) {
      const bytes = elf.subarray(section.offset, section.offset + section.size);
      view.setBigUint64(SECTION.offset, BigInt(append(bytes, section.alignment)), true);
    }
    view.setUint32(SECTION.link, renumbered.get(section.link) ?? 0, true);
    return header;
  });
  const table = append(Buffer.concat(headers), 8);
  const stripped = Buffer.concat(pieces);
  const view = new DataView(stripped.buffer, stripped.byteOffset);
  view.setBigUint64(HEADER.sections, BigInt(table), true);
  view.setUint16(HEADER.sectionCount, kept.length, true);
  view.setUint16(HEADER.namesIndex, renumbered.get(view.getUint16(HEADER.namesIndex, true))!, true);
  return stripped;
}

function sectionsOf(elf: Uint8Array): Section[] {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.length);
  // The magic number, ELFCLASS64, ELFDATA2LSB.
  if (elf.length < 64 || view.getUint32(0) !== 0x7f454c46 || view.getUint16(4) !== 0x0201)
    throw new Error('This is no ELF file with 64 bits, little-endian.');
  const table = Number(view.getBigUint64(HEADER.sections, true));
  return Array.from({ length: view.getUint16(HEADER.sectionCount, true) }, (_, index) => {
    const at = table + index * SECTION_BYTES;
    return {
      index,
      bytes: elf.slice(at, at + SECTION_BYTES),
      type: view.getUint32(at + SECTION.type, true),
      isLoaded: (Number(view.getBigUint64(at + SECTION.flags, true)) & SHF_ALLOC) !== 0,
      offset: Number(view.getBigUint64(at + SECTION.offset, true)),
      size: Number(view.getBigUint64(at + SECTION.size, true)),
      link: view.getUint32(at + SECTION.link, true),
      alignment: Math.max(1, Number(view.getBigUint64(at + SECTION.alignment, true))),
    };
  });
}
