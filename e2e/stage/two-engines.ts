/**
 * Two Docker engines as on two machines: each in a network namespace of its own, joined by nothing but a pair of virtual Ethernet
 * ports, in one swarm. Needs root, and the engine's programs, on this machine.
 */
import { execa, type ResultPromise } from 'execa';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually';

/** Of 198.18.0.0/15 as all that labs have; far from what topologies use. */
const UNDERLAY = '198.19.250';

const DAEMON = { reject: false, stdio: 'ignore', cleanup: true } as const;

export class OwnEngine {
  readonly address: string;
  readonly #folder: string;
  #daemon: ResultPromise<typeof DAEMON> | undefined;

  /** @param host its place on the link between the engines */
  constructor(
    readonly name: string,
    readonly host: number,
    folder: string,
  ) {
    this.#folder = join(folder, name);
    this.address = `unix://${this.#folder}/docker.sock`;
  }

  get ip(): string {
    return `${UNDERLAY}.${this.host}`;
  }

  get namespace(): string {
    return `lab-e2e-${this.name}`;
  }

  get port(): string {
    return `lab-e2e-${this.name}0`;
  }

  docker = async (...argv: readonly string[]): Promise<string> =>
    (await execa('docker', ['-H', this.address, ...argv])).stdout;

  /** Resolves when it answers. */
  async start(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const place = (name: string): string => join(this.#folder, name);
    // What was killed has left them, and other processes may have those numbers by now.
    for (const stale of ['pid', 'exec/containerd/containerd.pid']) await rm(place(stale), { force: true });
    const options = ['--data-root', place('data'), '--exec-root', place('exec'), '-p', place('pid')];
    // With `ip netns exec` it would see no control groups.
    const argv = [`--net=/run/netns/${this.namespace}`, 'dockerd', '-H', this.address, ...options];
    this.#daemon = execa('nsenter', argv, DAEMON);
    await eventually(
      async () => (await execa('docker', ['-H', this.address, 'version'], { reject: false })).exitCode === 0,
    );
  }

  /** As when its machine is gone, but that containers run on. */
  async kill(): Promise<void> {
    this.#daemon?.kill('SIGKILL');
    await this.#daemon;
    this.#daemon = undefined;
  }

  /** It takes questions, and answers none; containers run on. */
  stop(): void {
    this.#daemon?.kill('SIGSTOP');
  }

  goOn(): void {
    this.#daemon?.kill('SIGCONT');
  }

  /** Nothing of it is left. */
  async remove(): Promise<void> {
    if (this.#daemon === undefined && existsSync(this.#folder)) await this.start();
    const containers = (await this.docker('ps', '-aq')).split('\n').filter(Boolean);
    if (containers.length > 0) await this.docker('rm', '-f', ...containers);
    this.#daemon?.kill('SIGTERM');
    await this.#daemon;
    const mounts = (await readFile('/proc/self/mounts', 'utf8'))
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '')
      .filter((place) => place.startsWith(`${this.#folder}/`));
    for (const place of mounts.toReversed()) await execa('umount', ['-l', place]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export interface TwoEngines {
  readonly a: OwnEngine;
  readonly b: OwnEngine;
  /** By name. */
  readonly addresses: Readonly<Record<string, string>>;
  remove(): Promise<void>;
  joinSwarm(): Promise<void>;
  leaveSwarm(): Promise<void>;
}

/** They are in one swarm. */
export async function startTwoEngines(): Promise<TwoEngines> {
  const folder = await mkdtemp(join(tmpdir(), 'lab-engines-'));
  const [a, b] = [new OwnEngine('a', 1, folder), new OwnEngine('b', 2, folder)];
  const both = [a, b];
  const removeLink = async (): Promise<void> => {
    for (const { namespace } of both) await execa('ip', ['netns', 'delete', namespace], { reject: false });
  };
  // Whatever an earlier run that was killed has left.
  await removeLink();
  for (const { namespace } of both) await execa('ip', ['netns', 'add', namespace]);
  const ends = [a.port, 'netns', a.namespace, 'type', 'veth', 'peer', 'name', b.port, 'netns', b.namespace];
  await execa('ip', ['link', 'add', ...ends]);
  for (const { namespace, port, ip } of both) {
    await execa('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    await execa('ip', ['-n', namespace, 'address', 'add', `${ip}/24`, 'dev', port]);
    await execa('ip', ['-n', namespace, 'link', 'set', port, 'up']);
  }
  await Promise.all(both.map((engine) => engine.start()));
  const engines = {
    a,
    b,
    addresses: Object.fromEntries(both.map(({ name, address }) => [name, address])),
    async remove() {
      await Promise.all(both.map((engine) => engine.remove()));
      await removeLink();
      await rm(folder, { recursive: true, force: true });
    },
    async joinSwarm() {
      await a.docker('swarm', 'init', '--advertise-addr', a.ip);
      const token = await a.docker('swarm', 'join-token', '-q', 'worker');
      await b.docker('swarm', 'join', '--token', token, '--advertise-addr', b.ip, `${a.ip}:2377`);
    },
    async leaveSwarm() {
      for (const { address } of [b, a])
        await execa('docker', ['-H', address, 'swarm', 'leave', '--force'], { reject: false });
    },
  };
  await engines.joinSwarm();
  return engines;
}
