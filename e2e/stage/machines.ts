/**
 * Servers that are there already, as a lab finds them: each in namespaces of its own with an sshd, iptables and a service that runs, joined
 * to this machine by nothing but a switch. Needs root, dropbear and tcpdump on this machine.
 */
import { execa, type ResultPromise } from 'execa';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineTopology, type Topology } from '../../lab/library';
import { eventually } from './eventually';

/** Of 198.18.0.0/15 as all that labs have; far from what topologies use. */
const SUBNET = '198.19.251';
/** This machine's port of the switch. */
const PORT = 'lab-e2e-m0';
const SWITCH = 'lab-e2e-switch';

/** Answers everything that is well formed, and writes down for what. */
const SERVICE = `const { appendFile } = require('node:fs');
require('node:http').createServer((request, response) => {
  appendFile('/run/requests', request.url + '\\n', () => undefined);
  request.resume().on('end', () => response.end('done'));
}).listen(Number(process.argv[1]), '0.0.0.0').keepAliveTimeout = 0;`;

/** Its own processes and files, as far as a lab could touch them; the service runs before anybody logs in. */
const BOOT = `set -e
mount -t tmpfs -o mode=700 none /root
mkdir /root/.ssh
cp "$FOLDER/key.pub" /root/.ssh/authorized_keys
mkdir -p "$FOLDER/$NAME"
mount --bind "$FOLDER/$NAME" /opt
cp "$FOLDER/host-key" /opt/.host-key
mount -t tmpfs none /var/log
touch /root/docker.sock
mount --bind /run/docker.sock /root/docker.sock
mount -t tmpfs none /run
touch /run/docker.sock
mount --bind /root/docker.sock /run/docker.sock
mount -t tmpfs none /tmp
mv /opt/.host-key /root/host-key
"$NODE" -e "$SERVICE" "$SERVED" &
while :; do
  [ -e /root/away ] || dropbear -F -E -s -r /root/host-key -p 22 2>>/var/log/sshd.log || sleep 0.1
  sleep 0.1
done`;

const BOOTED = { reject: false, stdio: ['ignore', 'ignore', 'inherit'] } as const;

export class OwnMachine {
  readonly #process: ResultPromise<typeof BOOTED>;

  constructor(
    readonly name: string,
    readonly host: number,
    readonly device: string,
    readonly port: number,
    folder: string,
  ) {
    const apart = ['unshare', '--mount', '--pid', '--uts', '--fork', '--kill-child', '--mount-proc'];
    const known = { FOLDER: folder, NAME: name, NODE: process.execPath, SERVICE, SERVED: String(port) };
    const words = Object.entries(known).map(([key, value]) => `${key}=${value}`);
    const argv = ['netns', 'exec', this.namespace, 'env', ...words, ...apart, 'sh', '-c', BOOT];
    this.#process = execa('ip', argv, BOOTED);
  }

  get address(): string {
    return `${SUBNET}.${this.host}`;
  }

  get ssh(): string {
    return `root@${this.address}`;
  }

  get namespace(): string {
    return namespaceOf(this.name);
  }

  /** Runs a line of shell on it past ssh, and insists on its success. */
  async shell(line: string): Promise<string> {
    const { stdout: pids } = await execa('pgrep', ['-P', String(this.#process.pid)]);
    const [inner] = pids.split('\n');
    return (await execa('nsenter', ['-t', inner!, '-a', 'sh', '-c', line])).stdout;
  }

  /** Nobody logs in any more, and whoever is logged in is thrown out; all else goes on. */
  async cutOff(): Promise<void> {
    await this.shell('touch /root/away; pkill -KILL -x dropbear');
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

const namespaceOf = (name: string): string => `lab-e2e-${name}`;

export interface Machines {
  readonly online: OwnMachine;
  readonly test: OwnMachine;
  /** What LAB_SSH is to be. */
  readonly ssh: string;
  /** Both servers are machines. */
  readonly pair: Topology;
  /** The test server is one; the online server is the lab's. */
  readonly half: Topology;
  /** The same with its responses routed to an assistant of the lab's. */
  readonly routed: Topology;
  remove(): Promise<void>;
}

export async function startMachines(): Promise<Machines> {
  const folder = await mkdtemp(join(tmpdir(), 'lab-machines-'));
  const places = {
    online: { host: 20, device: 'eth0', port: 80 },
    test: { host: 30, device: 'ens3', port: 8080 },
  };
  const names = Object.keys(places) as (keyof typeof places)[];
  const removeNetwork = async (): Promise<void> => {
    for (const name of [SWITCH, ...names.map(namespaceOf)])
      await execa('ip', ['netns', 'delete', name], { reject: false });
    await execa('ip', ['link', 'delete', PORT], { reject: false });
  };
  // Whatever an earlier run that was killed has left.
  await removeNetwork();
  const ip = (...argv: readonly string[]) => execa('ip', argv);
  await ip('netns', 'add', SWITCH);
  await ip('-n', SWITCH, 'link', 'add', 'wire', 'type', 'bridge');
  await ip('-n', SWITCH, 'link', 'set', 'wire', 'up');
  const plug = async (end: readonly string[], name: string): Promise<void> => {
    await ip('link', 'add', ...end, 'type', 'veth', 'peer', 'name', name, 'netns', SWITCH);
    await ip('-n', SWITCH, 'link', 'set', name, 'master', 'wire', 'up');
  };
  await plug([PORT], 'here');
  await ip('address', 'add', `${SUBNET}.2/24`, 'dev', PORT);
  await ip('link', 'set', PORT, 'up');
  for (const name of names) {
    const { host, device } = places[name];
    const namespace = namespaceOf(name);
    await ip('netns', 'add', namespace);
    await plug([device, 'netns', namespace], name);
    await ip('-n', namespace, 'address', 'add', `${SUBNET}.${host}/24`, 'dev', device);
    for (const one of ['lo', device]) await ip('-n', namespace, 'link', 'set', one, 'up');
  }
  const key = join(folder, 'key');
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const made = await execa('dropbearkey', ['-t', 'ed25519', '-f', join(folder, 'host-key')]);
  const hostKey = /^ssh-ed25519 \S+/m.exec(made.stdout)![0];
  const knownHosts = join(folder, 'known_hosts');
  await writeFile(knownHosts, names.map((name) => `${SUBNET}.${places[name].host} ${hostKey}\n`).join(''));
  const start = async (name: keyof typeof places): Promise<OwnMachine> => {
    await mkdir(join(folder, name));
    const { host, device, port } = places[name];
    const machine = new OwnMachine(name, host, device, port, folder);
    await machine.answers();
    return machine;
  };
  const [online, test] = await Promise.all([start('online'), start('test')]);
  return {
    ...{ online, test },
    ssh: `ssh -F /dev/null -i ${key} -o IdentitiesOnly=yes -o UserKnownHostsFile=${knownHosts}`,
    pair: pairOf(online, test),
    half: halfOf(test),
    routed: routedOf(online, test),
    async remove() {
      await Promise.all([online.end(), test.end()]);
      await removeNetwork();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const lan = { subnet: `${SUBNET}.0/24`, internal: false, device: PORT } as const;
const client = { role: 'client', network: 'lan', address: `${SUBNET}.130` } as const;

const present = ({ address, ssh, device, port }: OwnMachine) =>
  ({
    network: 'lan',
    address,
    on: { ssh, device },
    server: { kind: 'present', port, protocol: 'http' },
  }) as const;

const pairOf = (online: OwnMachine, test: OwnMachine): Topology =>
  defineTopology({
    name: 'machines',
    description: 'A pair of servers that are there already.',
    networks: { lan },
    nodes: {
      client,
      online: { role: 'online', ...present(online) },
      test: { role: 'test', ...present(test) },
    },
    copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
  });

const halfOf = (test: OwnMachine): Topology =>
  defineTopology({
    name: 'machine',
    description: 'A test server that is there already.',
    networks: { lan },
    nodes: {
      client,
      online: {
        role: 'online',
        network: 'lan',
        address: `${SUBNET}.21`,
        server: { kind: 'nginx', port: 80 },
      },
      test: { role: 'test', ...present(test) },
    },
    copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
  });

const routedOf = (online: OwnMachine, test: OwnMachine): Topology =>
  defineTopology({
    name: 'machines-data-link',
    description: 'A pair of servers that are there already, and an assistant of the lab.',
    networks: { lan },
    nodes: {
      client,
      online: { role: 'online', ...present(online) },
      test: { role: 'test', ...present(test) },
      assistant: { role: 'assistant', network: 'lan', address: `${SUBNET}.40` },
    },
    copies: [
      {
        architecture: 'data-link',
        from: 'online',
        to: 'test',
        routes: [{ sources: `${SUBNET}.128/25`, via: 'assistant' }],
      },
    ],
  });
