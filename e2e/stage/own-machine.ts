/**
 * A server that is there already, as a lab finds it: in namespaces of its own with an sshd and a service that runs, on a root that is this
 * machine's with Debian's OpenSSH and sudo laid over it. What it writes there is in memory, and goes with it.
 */
import { execa, type ResultPromise } from 'execa';
import { connect } from 'node:net';
import { eventually } from './eventually';

/** Of 198.18.0.0/15 as all that labs have; far from what topologies use. */
export const SUBNET = '198.19.251';

/**
 * Who lets people in: `openssh` a user that is no root, by Debian's sshd and sudo, past a banner and a shell that greets, under a name
 * that ssh's configuration knows; `dropbear` root himself, by the address.
 */
export type Door = 'openssh' | 'dropbear';

/** Answers everything that is well formed, and writes down for what. */
const SERVICE = `const { appendFile } = require('node:fs');
require('node:http').createServer((request, response) => {
  appendFile('/run/requests', request.url + '\\n', () => undefined);
  request.resume().on('end', () => response.end('done'));
}).listen(Number(process.argv[1]), '0.0.0.0').keepAliveTimeout = 0;`;

/** Its own processes and files; the service runs before anybody logs in. */
const BOOT = `set -e
mount -t tmpfs none /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work none /mnt/root
cd /mnt/root
# A folder of a package is not to take the place of /lib, which is a link to /usr/lib.
tar -C "$PACKAGES" -c . | tar -x --keep-directory-symlink --no-overwrite-dir
mount -t proc none proc
for kept in dev sys; do mount --rbind /$kept $kept; done
for own in run tmp var/log; do mount -t tmpfs none $own; done
mount -t tmpfs -o mode=700 none root
mkdir -p "$FOLDER/$NAME"
mount --bind "$FOLDER/$NAME" opt
for given in docker.sock node; do touch run/$given; done
mount --bind /run/docker.sock run/docker.sock
mount --bind "$NODE" run/node
cp "$FOLDER/host-key.$DOOR" root/host-key
mkdir -p -m 755 run/sshd home/ops
for home in root home/ops; do
  mkdir -m 700 $home/.ssh
  cp "$FOLDER/key.pub" $home/.ssh/authorized_keys
done
echo 'sshd:x:990:65534::/run/sshd:/usr/sbin/nologin' >>etc/passwd
docker=$(stat -c %g run/docker.sock)
echo "ops:x:1990:$docker::/home/ops:/bin/bash" >>etc/passwd
echo 'ops:*:19000:0:99999:7:::' >>etc/shadow
echo 'echo "Welcome to $(hostname)!"; echo "It is late." >&2' >home/ops/.bashrc
chown -R "1990:$docker" home/ops
if [ "$DOOR" = openssh ]; then
  echo 'ops ALL=(ALL) NOPASSWD: ALL' >etc/sudoers.d/ops
  echo 'For authorized people only.' >etc/issue.net
  printf '%s\\n' 'HostKey /root/host-key' 'PasswordAuthentication no' 'UsePAM yes' 'Banner /etc/issue.net' >etc/ssh/sshd_config
fi
exec chroot . sh -c "$LIFE"`;

const DAEMONS: Readonly<Record<Door, string>> = {
  openssh: '/usr/sbin/sshd -D -e',
  dropbear: 'dropbear -F -E -s -r /root/host-key -p 22',
};

const LIFE = `/run/node -e "$SERVICE" "$SERVED" &
while :; do
  [ -e /root/away ] || $DAEMON 2>>/var/log/sshd.log || sleep 0.1
  sleep 0.1
done`;

const BOOTED = { reject: false, stdio: ['ignore', 'ignore', 'inherit'] } as const;

export const namespaceOf = (name: string): string => `lab-e2e-${name}`;

export interface MachineStage {
  /** With the host keys, `key.pub` of whoever may log in, and room for what machines write. */
  readonly folder: string;
  /** Debian packages of {@link Door}, laid out. */
  readonly packages: string;
}

export class OwnMachine {
  readonly #process: ResultPromise<typeof BOOTED>;

  constructor(
    readonly name: string,
    readonly host: number,
    readonly device: string,
    readonly port: number,
    readonly door: Door,
    { folder, packages }: MachineStage,
  ) {
    const apart = ['unshare', '--mount', '--pid', '--uts', '--fork', '--kill-child', '--mount-proc'];
    const known = {
      ...{ FOLDER: folder, PACKAGES: packages, NAME: name, DOOR: door, NODE: process.execPath },
      ...{ LIFE, SERVICE, SERVED: String(port), DAEMON: DAEMONS[door] },
    };
    const words = Object.entries(known).map(([key, value]) => `${key}=${value}`);
    const argv = ['netns', 'exec', this.namespace, 'env', ...words, ...apart, 'sh', '-c', BOOT];
    this.#process = execa('ip', argv, BOOTED);
  }

  get address(): string {
    return `${SUBNET}.${this.host}`;
  }

  get ssh(): string {
    return this.door === 'dropbear' ? `root@${this.address}` : this.namespace;
  }

  get namespace(): string {
    return namespaceOf(this.name);
  }

  /** Runs a line of shell on it past ssh, and insists on its success. */
  async shell(line: string): Promise<string> {
    const { stdout: pids } = await execa('pgrep', ['-P', String(this.#process.pid)]);
    const [inner] = pids.split('\n');
    return (await execa('nsenter', ['-t', inner!, '-a', '--root', '--wd', 'sh', '-c', line])).stdout;
  }

  /** Nobody logs in any more, and whoever is logged in is thrown out; all else goes on. */
  async cutOff(): Promise<void> {
    await this.shell('touch /root/away; pkill -KILL -x "dropbear|sshd"');
  }

  async comeBack(): Promise<void> {
    await this.shell('rm /root/away');
    await this.answers();
  }

  async answers(): Promise<void> {
    const connects = (): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = connect({ host: this.address, port: 22, timeout: 1_000 });
        const end = (answers: boolean) => (): void => {
          socket.destroy();
          resolve(answers);
        };
        socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
      });
    await eventually(connects);
  }

  async end(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#process;
  }
}
