/** A pair of servers that are there already, joined to this machine by nothing but a switch. Needs root, and what `scripts/bootstrap tests` brings. */
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineTopology, type Topology } from '../../lab/library';
import { namespaceOf, OwnMachine, SUBNET, type Door } from './own-machine';

/** This machine's port of the switch. */
const PORT = 'lab-e2e-m0';
const SWITCH = 'lab-e2e-switch';

/** Laid out by `scripts/bootstrap tests`. */
const PACKAGES = join(import.meta.dirname, '../../.lab/machine');

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
    online: { host: 20, device: 'eth0', port: 80, door: 'dropbear' },
    test: { host: 30, device: 'ens3', port: 8080, door: 'openssh' },
  } as const;
  const names = Object.keys(places) as (keyof typeof places)[];
  const removeNetwork = async (): Promise<void> => {
    for (const name of [SWITCH, ...names.map(namespaceOf)])
      await execa('ip', ['netns', 'delete', name], { reject: false });
    await execa('ip', ['link', 'delete', PORT], { reject: false });
  };
  if (!existsSync(PACKAGES)) throw new Error(`${PACKAGES} is missing: run \`make bootstrap\`.`);
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
  const hostKeys = await hostKeysIn(folder);
  const knownHosts = join(folder, 'known_hosts');
  const known = names.map((name) => `${SUBNET}.${places[name].host} ${hostKeys[places[name].door]}\n`);
  await writeFile(knownHosts, known.join(''));
  const start = async (name: keyof typeof places): Promise<OwnMachine> => {
    await mkdir(join(folder, name));
    const { host, device, port, door } = places[name];
    const machine = new OwnMachine(name, host, device, port, door, { folder, packages: PACKAGES });
    await machine.answers();
    return machine;
  };
  const [online, test] = await Promise.all([start('online'), start('test')]);
  const config = join(folder, 'config');
  await writeFile(config, configOf(online, test, key, knownHosts));
  return {
    ...{ online, test },
    ssh: `ssh -F ${config}`,
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

/** The test server is known by a name, and reached by way of the online server. */
const configOf = (online: OwnMachine, test: OwnMachine, key: string, knownHosts: string): string => `
Host ${test.ssh}
  HostName ${test.address}
  User ops
  ProxyJump ${online.ssh}
Host *
  IdentityFile ${key}
  IdentitiesOnly yes
  UserKnownHostsFile ${knownHosts}
`;

/** Makes them. @returns what is to be known of each */
async function hostKeysIn(folder: string): Promise<Readonly<Record<Door, string>>> {
  const place = (door: Door): string => join(folder, `host-key.${door}`);
  const made = await execa('dropbearkey', ['-t', 'ed25519', '-f', place('dropbear')]);
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', place('openssh')]);
  return {
    dropbear: /^ssh-ed25519 \S+/m.exec(made.stdout)![0],
    openssh: await readFile(`${place('openssh')}.pub`, 'utf8').then((key) => key.trim()),
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
