/** Records of packets that a firewall rule has logged (LINKTYPE_NFLOG; linux/netfilter/nfnetlink_log.h). */

export const LINKTYPE_NFLOG = 239;
/** u8 family, u8 version, u16 group. */
const HEADER_BYTES = 4;
/** u16 length, itself included, and u16 type, in the order of the capturing machine; padded to 4 bytes. */
const ATTRIBUTE_HEADER_BYTES = 4;
const PAYLOAD = 9;

/** The IP packet in a record, as a view; undefined where there is none. */
export function loggedPacket(record: Buffer): Buffer | undefined {
  let at = HEADER_BYTES;
  while (at + ATTRIBUTE_HEADER_BYTES <= record.length) {
    const length = record.readUInt16LE(at);
    if (length < ATTRIBUTE_HEADER_BYTES || at + length > record.length) return undefined;
    if (record.readUInt16LE(at + 2) === PAYLOAD)
      return record.subarray(at + ATTRIBUTE_HEADER_BYTES, at + length);
    at += (length + 3) & ~3;
  }
  return undefined;
}
