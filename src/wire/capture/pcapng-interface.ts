/** How a pcapng file describes the interfaces that its packets came by (IETF draft-ietf-opsawg-pcapng, section 4.2). */

export interface PcapngInterface {
  readonly linkType: number;
  /** Bytes of each packet that were captured at most; 0 for no limit. */
  readonly snapLength: number;
  /** Units of its timestamps in a second. */
  readonly unitsPerSecond: number;
  /** Is added to its timestamps. */
  readonly offset_s: number;
}

const FIXED_BYTES = 8;
const OPTION_HEADER_BYTES = 4;
const OPTION_END = 0;
const OPTION_TSRESOL = 9;
const OPTION_TSOFFSET = 14;
const UNITS_DEFAULT = 1e6;

/** @param at where the block's body begins @param end where it ends */
export function readPcapngInterface(
  view: DataView,
  at: number,
  end: number,
  littleEndian: boolean,
): PcapngInterface | undefined {
  if (end - at < FIXED_BYTES) return undefined;
  let unitsPerSecond = UNITS_DEFAULT;
  let offset_s = 0;
  for (let option = at + FIXED_BYTES; option + OPTION_HEADER_BYTES <= end;) {
    const code = view.getUint16(option, littleEndian);
    const length = view.getUint16(option + 2, littleEndian);
    const value = option + OPTION_HEADER_BYTES;
    if (code === OPTION_END || value + length > end) break;
    if (code === OPTION_TSRESOL && length >= 1) unitsPerSecond = unitsFrom(view.getUint8(value));
    if (code === OPTION_TSOFFSET && length >= 8) offset_s = readI64(view, value, littleEndian);
    option = value + ((length + 3) & ~3);
  }
  return {
    linkType: view.getUint16(at, littleEndian),
    snapLength: view.getUint32(at + 4, littleEndian),
    unitsPerSecond,
    offset_s,
  };
}

/** The highest bit says whether the rest is a power of 2 or of 10. */
function unitsFrom(resolution: number): number {
  const exponent = resolution & 0x7f;
  return resolution & 0x80 ? 2 ** exponent : 10 ** exponent;
}

function readI64(view: DataView, at: number, littleEndian: boolean): number {
  const high = view.getInt32(littleEndian ? at + 4 : at, littleEndian);
  const low = view.getUint32(littleEndian ? at : at + 4, littleEndian);
  return high * 2 ** 32 + low;
}
