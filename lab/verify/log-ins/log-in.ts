/**
 * Log-ins that cannot be copied: the client's words answer to a number that the server drew for this connection (a
 * challenge, a nonce). The test server draws another one, and so refuses what was said to the online server.
 */

export interface LogIn {
  /** As people call it, with its method. */
  readonly method: string;
  /** How many bytes the client has said with its first such answer: nothing is refused before. */
  readonly answered: number;
  /** How many with all of the log-in. */
  readonly behind: number;
  /** How such a connection can be copied all the same. */
  readonly mend: string;
}

/** @param said by a client, from the first byte of its connection on */
export type LogInReader = (said: Buffer) => LogIn | undefined;
