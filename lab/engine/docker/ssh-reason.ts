/** What ssh says of a machine that it does not reach: its own words, but of what it says in many, one sentence. */

export interface SshReason {
  /** Without a full stop; empty where it said nothing. */
  readonly reason: string;
  readonly mend: string;
}

const BY_HAND = 'Look at `ssh` to it, without a password.';

/** As ssh of OpenSSH says them; the first that fits is meant. */
const KNOWN: readonly (readonly [RegExp, (found: RegExpExecArray) => SshReason])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED[^]*?(?:Offending \S+ key in (\S+?):(\d+)|$)/,
    ([, file, line]) => ({
      reason: `its host key is another than the one that is known${file === undefined ? '' : ` (${file}, line ${line})`}`,
      mend: 'Find out whether it is that machine; if it is, forget the old key: ssh-keygen -R <host>.',
    }),
  ],
  [
    /Host key verification failed|No \S+ host key is known/,
    () => ({
      reason: 'its host key is not known here',
      mend: 'Log in once by hand, and compare the key that ssh asks about.',
    }),
  ],
  [
    /\S*Permission denied \(([^)]*)\)/,
    ([, ways]) => ({
      reason: `it lets nobody in by a key that ssh has here (it takes: ${ways})`,
      mend: 'Bring a key there: ssh-copy-id, or an agent that has it; nobody is asked for a password.',
    }),
  ],
];

/** @param said all that ssh wrote to its standard error */
export function reasonOfSsh(said: string): SshReason {
  for (const [pattern, reasonOf] of KNOWN) {
    const found = pattern.exec(said);
    if (found) return reasonOf(found);
  }
  return { reason: said.replace(/\.$/, ''), mend: BY_HAND };
}
