/** Every log-in of the kind that is known by its bytes. */
import type { LogIn, LogInReader } from './log-in';
import { mysqlLogIn } from './mysql';
import { postgresqlLogIn } from './postgresql';
import { scramLogIn } from './scram';
import { tlsFrom } from './tls';

/** Those that know a protocol from its first byte on come first. */
const readers: readonly LogInReader[] = [postgresqlLogIn, mysqlLogIn, (said) => tlsFrom(said, 0), scramLogIn];

/** @param said by a client, from the first byte of its connection on */
export function logInOf(said: Buffer): LogIn | undefined {
  for (const read of readers) {
    const found = read(said);
    if (found) return found;
  }
  return undefined;
}
