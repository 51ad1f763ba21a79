/** SCRAM (RFC 5802, section 7) in any protocol that says it in clear text, as those of MongoDB and Kafka do. */
import type { LogIn } from './log-in';

/** The client's last message: the server's number within its own, and the proof. */
const PROOF = /c=[A-Za-z0-9+/]+=*,r=[!-+\--~]+,p=[A-Za-z0-9+/]+=*/;
const WITHIN_BYTES = 4096;
/** What a protocol may say behind it in the same message. */
const AROUND_BYTES = 128;

const MEND =
  'let both servers trust these clients; or copy behind a proxy that logs in to a server which trusts it';

export function scramLogIn(said: Buffer): LogIn | undefined {
  const found = PROOF.exec(said.toString('latin1', 0, WITHIN_BYTES));
  if (!found) return undefined;
  const answered = found.index + found[0].length;
  return { method: 'SCRAM', answered, behind: answered + AROUND_BYTES, mend: MEND };
}
