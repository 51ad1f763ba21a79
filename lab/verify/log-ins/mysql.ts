/** Log-ins to MySQL and MariaDB (client/server protocol, "Connection Phase"). Lengths are little-endian. */
import type { LogIn } from './log-in';
import { tlsFrom } from './tls';

/** Capabilities of a client. */
const PROTOCOL_41 = 0x200;
const SSL = 0x800;
/** Behind capabilities, largest packet and character set: reserved, and 0. */
const RESERVED_AT = 9;
const RESERVED_BYTES = 19;
/** Ends with 0; behind it the length of the answer in a byte, and the answer. */
const USER_AT = 32;

/** What an answer is that long: of the password and the number that the server drew. */
const methods: Readonly<Record<number, string>> = {
  20: 'mysql_native_password',
  32: 'caching_sha2_password',
  64: 'ed25519',
};

const MEND =
  'give the user no password on either server; or start a MariaDB on test with --skip-grant-tables, which believes ' +
  'whatever is said; or copy behind a proxy that logs in to a server which trusts it';

export function mysqlLogIn(said: Buffer): LogIn | undefined {
  const first = packetAt(said, 0);
  if (first?.number !== 1 || first.payload.length < USER_AT) return undefined;
  const capabilities = first.payload.readUInt32LE(0);
  const reserved = first.payload.subarray(RESERVED_AT, RESERVED_AT + RESERVED_BYTES);
  if ((capabilities & PROTOCOL_41) === 0 || reserved.some((byte) => byte !== 0)) return undefined;
  if (capabilities & SSL && first.payload.length === USER_AT) return tlsFrom(said, first.behind, 'MySQL');

  const { payload } = first;
  const lengthAt = payload.indexOf(0, USER_AT) + 1;
  const answers = [{ length: lengthAt > 0 ? payload[lengthAt] : undefined, behind: first.behind }];
  let { behind } = first;
  // The numbers of packets begin at 0 again with each command.
  for (let next = packetAt(said, behind); next && next.number > 1; next = packetAt(said, behind)) {
    behind = next.behind;
    answers.push({ length: next.payload.length, behind });
  }
  const answer = answers.find(({ length }) => length !== undefined && length in methods);
  if (!answer) return undefined;
  return { method: `MySQL, ${methods[answer.length!]}`, answered: answer.behind, behind, mend: MEND };
}

interface Packet {
  readonly number: number;
  readonly payload: Buffer;
  /** Offset behind it. */
  readonly behind: number;
}

function packetAt(said: Buffer, at: number): Packet | undefined {
  if (said.length < at + 4) return undefined;
  const behind = at + 4 + said.readUIntLE(at, 3);
  return behind > said.length
    ? undefined
    : { number: said[at + 3]!, payload: said.subarray(at + 4, behind), behind };
}
