/** Log-ins to PostgreSQL (frontend/backend protocol 3.0, "Start-up" and "SASL Authentication"). Lengths are big-endian. */
import type { LogIn } from './log-in';
import { tlsFrom } from './tls';

/** Codes in the place of a protocol version. */
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const MAJOR_VERSION = 3;
/** PasswordMessage, SASLInitialResponse, SASLResponse. */
const ANSWER = 'p'.charCodeAt(0);

const MEND =
  'let both servers trust these clients (`trust` in pg_hba.conf) or ask for the password itself (`password`); or copy ' +
  'behind a proxy that logs in to a server which trusts it';

export function postgresqlLogIn(said: Buffer): LogIn | undefined {
  let at = 0;
  for (;;) {
    if (said.length < at + 8) return undefined;
    const length = said.readUInt32BE(at);
    const code = said.readUInt32BE(at + 4);
    const asks = length === 8 && (code === SSL_REQUEST || code === GSS_REQUEST);
    if (!asks && code >>> 16 !== MAJOR_VERSION) return undefined;
    at += length;
    if (!asks) break;
    const tls = tlsFrom(said, at, 'PostgreSQL');
    if (tls) return tls;
  }
  const answer = answerAt(said, at);
  const method = answer && methodOf(answer);
  if (method === undefined) return undefined;
  // The first message of SCRAM answers to nothing yet.
  const behind = behindAnswers(said, at);
  return { method: `PostgreSQL, ${method}`, answered: behind, behind, mend: MEND };
}

/** What a message says that answers to the server; undefined where there is another one, or none. */
function answerAt(said: Buffer, at: number): Buffer | undefined {
  if (said.length < at + 5 || said[at] !== ANSWER) return undefined;
  return said.subarray(at + 5, at + 1 + said.readUInt32BE(at + 1));
}

function methodOf(answer: Buffer): string | undefined {
  const [word] = answer.toString('latin1').split('\0', 1);
  if (/^SCRAM-/.test(word!)) return word;
  return /^md5[0-9a-f]{32}$/.test(word!) ? 'md5' : undefined;
}

function behindAnswers(said: Buffer, from: number): number {
  let at = from;
  for (let answer = answerAt(said, at); answer; answer = answerAt(said, at)) at += 5 + answer.length;
  return at;
}
