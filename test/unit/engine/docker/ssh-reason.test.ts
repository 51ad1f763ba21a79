import { reasonOfSsh } from '../../../../lab/engine/docker/ssh-reason';

/** As ssh of OpenSSH 9.2 says it. */
const CHANGED = `@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!
The fingerprint for the ED25519 key sent by the remote host is
SHA256:0.
Add correct host key in /root/.ssh/known_hosts to get rid of this message.
Offending ED25519 key in /root/.ssh/known_hosts:3
  remove with:
  ssh-keygen -f "/root/.ssh/known_hosts" -R "host-b"
Host key for host-b has changed and you have requested strict checking.
Host key verification failed.`;

test.each([
  [
    CHANGED,
    'its host key is another than the one that is known (/root/.ssh/known_hosts, line 3)',
    'ssh-keygen -R',
  ],
  ['Host key verification failed.', 'its host key is not known here', 'by hand'],
  [
    'ops@host-b: Permission denied (publickey,keyboard-interactive).',
    'it lets nobody in by a key that ssh has here (it takes: publickey,keyboard-interactive)',
    'ssh-copy-id',
  ],
  [
    'ssh: connect to host host-b port 22: Connection refused',
    'ssh: connect to host host-b port 22: Connection refused',
    'Look at `ssh`',
  ],
  ['', '', 'Look at `ssh`'],
])('%.30j is told in a sentence', (said, reason, mend) => {
  expect(reasonOfSsh(said)).toEqual({ reason, mend: expect.stringContaining(mend) });
});
