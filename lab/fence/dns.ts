/** DNS messages as far as a fence needs them: one question, at most one answer (RFC 1035, section 4). */

const HEADER_BYTES = 12;
const FLAGS_RESPONSE = 0x8400; // QR, AA
const FLAGS_KEPT = 0x7900; // opcode and RD, which are the question's
const FLAG_RECURSION_AVAILABLE = 0x0080;
const RCODE_NXDOMAIN = 3;
const LABEL_BYTES_MAX = 63;
const CLASS_IN = 1;
/** A pointer to the question's name, which stands behind the header. */
const NAME_OF_QUESTION = 0xc000 | HEADER_BYTES;
/** So short that nobody keeps what was answered. */
const TTL_S = 1;

export const TYPE = { a: 1, ptr: 12, aaaa: 28 } as const;

export interface DnsQuestion {
  /** Lower case, without the last dot; empty for the root. */
  readonly name: string;
  readonly type: number;
}

/** An IPv4 address, a name, nothing of that kind, or no such name. */
export type DnsAnswer =
  | { readonly address: string; readonly name?: never }
  | { readonly name: string; readonly address?: never }
  | 'nothing'
  | 'unknown';

interface Parsed extends DnsQuestion {
  /** Where the question ends, from the start of the message. */
  readonly end: number;
}

/** Undefined where the message is no question that can be answered. */
export function questionIn(message: Buffer): DnsQuestion | undefined {
  const parsed = parse(message);
  return parsed && { name: parsed.name, type: parsed.type };
}

function parse(message: Buffer): Parsed | undefined {
  if (message.length < HEADER_BYTES) return undefined;
  const isQuestion = (message.readUInt16BE(2) & 0x8000) === 0;
  if (!isQuestion || message.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > LABEL_BYTES_MAX) return undefined;
    at += 1;
    if (length === 0) break;
    labels.push(message.toString('latin1', at, at + length));
    at += length;
  }
  if (at + 4 > message.length) return undefined;
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at), end: at + 4 };
}

/** @param message one in which `questionIn` found a question */
export function answerTo(message: Buffer, answer: DnsAnswer): Buffer {
  const { end } = parse(message)!;
  const record = recordOf(answer);
  const reply = Buffer.concat([message.subarray(0, end), record]);
  const rcode = answer === 'unknown' ? RCODE_NXDOMAIN : 0;
  const asked = message.readUInt16BE(2);
  reply.writeUInt16BE(FLAGS_RESPONSE | (asked & FLAGS_KEPT) | FLAG_RECURSION_AVAILABLE | rcode, 2);
  reply.writeUInt16BE(record.length > 0 ? 1 : 0, 6);
  // Whatever else the question had (EDNS) is not repeated.
  reply.writeUInt32BE(0, 8);
  return reply;
}

function recordOf(answer: DnsAnswer): Buffer {
  if (answer === 'nothing' || answer === 'unknown') return Buffer.alloc(0);
  const data =
    answer.address === undefined
      ? nameBytes(answer.name)
      : Buffer.from(answer.address.split('.').map(Number));
  const head = Buffer.alloc(12);
  head.writeUInt16BE(NAME_OF_QUESTION, 0);
  head.writeUInt16BE(answer.address === undefined ? TYPE.ptr : TYPE.a, 2);
  head.writeUInt16BE(CLASS_IN, 4);
  head.writeUInt32BE(TTL_S, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function nameBytes(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from(label, 'latin1'));
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), label]),
    Buffer.from([0]),
  ]);
}

/** A question of one name, as a resolver asks it. */
export function askFor(name: string, id: number): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(0x0100, 2); // RD
  head.writeUInt16BE(1, 4);
  const type = Buffer.from([0, TYPE.a, 0, CLASS_IN]);
  return Buffer.concat([head, nameBytes(name), type]);
}
