/** Classic capture files in the other formats that captures come in, byte for byte as Wireshark's `editcap -F` writes them. */
import { block, describedInterface, enhancedPacket, joined, pcapHeader, pcapRecord, u16 } from './files';

export const formats = ['pcapng', 'nsecpcap', 'pcap'] as const;
export type Format = (typeof formats)[number];

const ORDER = { littleEndian: true };
const NANOSECOND_MAGIC = 0xa1b23c4d;
const HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
/** What editcap gives as the program that wrote the file (option shb_userappl). */
const WRITTEN_BY = 'Editcap (Wireshark) 4.0.17 (Git v4.0.17 packaged as 4.0.17-0+deb12u3)';
const OPTION_USER_APPLICATION = 4;

interface Record {
  readonly second: number;
  readonly microsecond: number;
  readonly data: Uint8Array;
}

/** @param capture pcap, little-endian, in microseconds, of packets that were captured whole */
export function converted(capture: Uint8Array, format: Format): Uint8Array {
  const { linkType, snapLength, records } = recordsIn(capture);
  switch (format) {
    case 'pcap':
      return capture;
    case 'nsecpcap':
      return joined(
        pcapHeader(linkType, ORDER, NANOSECOND_MAGIC),
        ...records.map(({ second, microsecond, data }) =>
          pcapRecord(data, second, microsecond * 1000, ORDER),
        ),
      );
    case 'pcapng':
      return joined(
        sectionByEditcap(),
        describedInterface(linkType, ORDER, [], snapLength),
        ...records.map(({ second, microsecond, data }) =>
          enhancedPacket(data, second * 1e6 + microsecond, ORDER),
        ),
      );
  }
}

function sectionByEditcap(): Uint8Array {
  const name = new Uint8Array(Math.ceil(WRITTEN_BY.length / 4) * 4);
  name.set(Buffer.from(WRITTEN_BY));
  const options = [u16(OPTION_USER_APPLICATION), u16(WRITTEN_BY.length), name, 0];
  return block(0x0a0d0d0a, [0x1a2b3c4d, u16(1), u16(0), 0xffff_ffff, 0xffff_ffff, ...options], ORDER);
}

function recordsIn(capture: Uint8Array) {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.byteLength);
  const records: Record[] = [];
  for (let at = HEADER_BYTES; at < capture.length;) {
    const [second, microsecond, length] = [0, 4, 8].map((field) => view.getUint32(at + field, true));
    const data = capture.subarray(at + RECORD_HEADER_BYTES, at + RECORD_HEADER_BYTES + length!);
    records.push({ second: second!, microsecond: microsecond!, data });
    at += RECORD_HEADER_BYTES + length!;
  }
  return { linkType: view.getUint32(20, true), snapLength: view.getUint32(16, true), records };
}
