/** A running lab as lessons and exams look at it: by the readers of verify and doctor, each asked once a look. */
import { examineLab, type Examination } from '../../doctor/examine-lab';
import type { RunningLab } from '../../engine/commands/lab';
import { addressAt, highestIn, parseSubnet } from '../../topology/addresses';
import type { Topology } from '../../topology/types';
import { collectCounters, collectState } from '../../verify/collect/state';
import { sceneOf } from '../../verify/collect/scene-of';
import type { CopyState, ProgramCounters, ProgramName } from '../../verify/evidence/copy-state';
import type { Scene } from '../../verify/evidence/scene';
import { findInState } from '../../verify/findings/in-state';
import type { Places } from '../words/language';

export interface Classroom {
  readonly lab: RunningLab;
  readonly scene: Scene;
  /** Addresses of the nodes by name, those of IPv6 by name and a 6, `range`: what the first route is for, `nobody`: an address of the network that no node has, and the commands `exec`, `sysctl` and `doctor` for this lab. */
  readonly places: Places;
}

/** @param alone no other lab runs, so that commands find this one without its name */
export async function classroomOf(lab: RunningLab, alone: boolean): Promise<Classroom> {
  const addresses = Object.entries(lab.topology.nodes).flatMap(([name, { address, address6 }]) => [
    [name, address] as const,
    ...(address6 === undefined ? [] : [[`${name}6`, address6] as const]),
  ]);
  const range = lab.topology.copies[0]?.routes?.[0]?.sources;
  const nobody = unusedIn(lab.topology);
  const named = alone ? '' : ` --name ${lab.name}`;
  const commands = {
    exec: `./bin/lab exec${named}`,
    sysctl: `./bin/lab sysctl${named}`,
    doctor: `./bin/lab doctor --name ${lab.name}`,
  };
  const places = {
    ...Object.fromEntries(addresses),
    ...(range !== undefined && { range }),
    nobody,
    ...commands,
  };
  return { lab, scene: await sceneOf(lab), places };
}

/** The highest address of the first network, below that for broadcasts, that no node has. */
function unusedIn({ networks, nodes }: Topology): string {
  const used = new Set(Object.values(nodes).map(({ address }) => address));
  let place = highestIn(parseSubnet(Object.values(networks)[0]!.subnet)!) - 1n;
  while (used.has(addressAt(place))) place -= 1n;
  return addressAt(place);
}

/** What there is to be seen at one moment. Whatever is asked is asked once. */
export class Look {
  readonly #asked = new Map<string, Promise<unknown>>();

  constructor(readonly room: Classroom) {}

  /** What a line of shell in a node prints, and how it ends. */
  async shell(node: string, line: string): Promise<{ readonly exitCode: number; readonly said: string }> {
    const { exitCode, stdout, stderr } = await this.room.lab.node(node).exec(['sh', '-c', line]);
    return { exitCode, said: `${stdout.toString()}${stderr.toString()}`.trim() };
  }

  state(): Promise<CopyState> {
    return this.#once('state', () => collectState(this.room.lab, this.room.scene));
  }

  /** Codes of what is wrong with the set-up, as verify finds it. */
  async findings(): Promise<string[]> {
    const state = await this.state();
    return findInState(this.room.scene, { before: state, after: state }).map(({ code }) => code);
  }

  counters(node: string, program: ProgramName): Promise<ProgramCounters> {
    return this.#once(`${program} on ${node}`, () => collectCounters(this.room.lab.node(node), program));
  }

  examination(): Promise<Examination> {
    return this.#once('examination', () => examineLab(this.room.lab));
  }

  #once<T>(what: string, ask: () => Promise<T>): Promise<T> {
    const asked = (this.#asked.get(what) as Promise<T> | undefined) ?? ask();
    this.#asked.set(what, asked);
    return asked;
  }
}
