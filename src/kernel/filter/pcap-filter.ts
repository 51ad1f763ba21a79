/** Filter expressions (pcap-filter(7)) as classic BPF programs, compiled by libpcap. */
import type koffiModule from 'koffi';
import { INSTRUCTION_BYTES } from './classic-bpf';
import { loadOptionalPackage } from '../optional-package';

type Koffi = typeof koffiModule;

const LIBRARIES = ['libpcap.so.0.8', 'libpcap.so.1', 'libpcap.so'];
/** Packets that begin with the IP header (pcap/dlt.h, Linux). */
const DLT_RAW = 12;
const SNAPSHOT_BYTES = 65_535;
const OPTIMIZE = 1;
const NETMASK_UNKNOWN = 0xffff_ffff;
/** struct bpf_program: u32 length in instructions, padding, pointer. */
const PROGRAM_BYTES = 16;

export class FilterError extends Error {
  override readonly name = 'FilterError';
  readonly code = 'bad-filter';
}

/** struct pcap_pkthdr: two times of 64 bits, then what was captured and what there was, u32 each. */
const PACKET_HEADER_BYTES = 24;

/**
 * The program reads from the IP header on, as packet sockets without a link header do.
 *
 * @throws FilterError with libpcap's own words when it is no such expression
 * @throws PackageUnavailableError when koffi has no binary for this machine
 */
export function compileFilter(expression: string): Uint8Array {
  return withProgram(expression, (koffi, _library, program) => {
    const fields = new DataView(koffi.view(program, PROGRAM_BYTES));
    const length_bytes = fields.getUint32(0, true) * INSTRUCTION_BYTES;
    return new Uint8Array(koffi.view(fields.getBigUint64(8, true), length_bytes)).slice();
  });
}

/** Whether the filter lets a packet through. @param packet from its IP header on @throws as `compileFilter` */
export function filterMatches(expression: string, packet: Uint8Array): boolean {
  return withProgram(expression, (_koffi, library, program) => {
    const header = new Uint8Array(PACKET_HEADER_BYTES);
    const fields = new DataView(header.buffer);
    fields.setUint32(16, packet.length, true);
    fields.setUint32(20, packet.length, true);
    const match = library.func('int pcap_offline_filter(void *, const void *, const void *)');
    return match(program, header, packet) !== 0;
  });
}

function withProgram<T>(
  expression: string,
  use: (koffi: Koffi, library: ReturnType<Koffi['load']>, program: unknown) => T,
): T {
  const koffi = loadOptionalPackage('koffi', 'nothing else') as Koffi;
  const library = loadPcap(koffi);
  const openDead = library.func('void *pcap_open_dead(int, int)');
  const compile = library.func('int pcap_compile(void *, void *, const char *, int, uint32_t)');
  const handle: unknown = openDead(DLT_RAW, SNAPSHOT_BYTES);
  const program: unknown = koffi.alloc('uint8_t', PROGRAM_BYTES);
  try {
    if (compile(handle, program, expression, OPTIMIZE, NETMASK_UNKNOWN) !== 0) {
      const said = library.func('const char *pcap_geterr(void *)')(handle) as string;
      throw new FilterError(`the filter ${JSON.stringify(expression)} cannot be used: ${said}`);
    }
    const result = use(koffi, library, program);
    library.func('void pcap_freecode(void *)')(program);
    return result;
  } finally {
    koffi.free(program);
    library.func('void pcap_close(void *)')(handle);
  }
}

function loadPcap(koffi: Koffi): ReturnType<Koffi['load']> {
  for (const name of LIBRARIES) {
    try {
      return koffi.load(name);
    } catch {
      // The next name may be there.
    }
  }
  throw new FilterError(
    'filter expressions need libpcap, which is not installed; on Debian: apt-get install libpcap0.8',
  );
}
