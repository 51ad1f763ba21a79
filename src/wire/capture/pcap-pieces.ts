/** A capture that is still being written, as the captures of its whole records so far (draft-ietf-opsawg-pcap). */

const HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const CAPTURED_LENGTH = 8;
const LITTLE_ENDIAN_MAGICS = new Set([0xd4c3b2a1, 0x4d3cb2a1]);

export class PcapPieces {
  #header: Buffer | undefined;
  #rest: Buffer = Buffer.alloc(0);

  /** @returns a capture file of the records that are whole now; undefined when there is none */
  push(bytes: Uint8Array): Buffer | undefined {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    if (!this.#header) {
      if (this.#rest.length < HEADER_BYTES) return undefined;
      this.#header = this.#rest.subarray(0, HEADER_BYTES);
      this.#rest = this.#rest.subarray(HEADER_BYTES);
    }
    const littleEndian = LITTLE_ENDIAN_MAGICS.has(this.#header.readUInt32BE(0));
    let end = 0;
    while (end + RECORD_HEADER_BYTES <= this.#rest.length) {
      const at = end + CAPTURED_LENGTH;
      const length = littleEndian ? this.#rest.readUInt32LE(at) : this.#rest.readUInt32BE(at);
      const next = end + RECORD_HEADER_BYTES + length;
      if (next > this.#rest.length) break;
      end = next;
    }
    if (end === 0) return undefined;
    const capture = Buffer.concat([this.#header, this.#rest.subarray(0, end)]);
    this.#rest = Buffer.from(this.#rest.subarray(end));
    return capture;
  }
}
