/** A running lab in a browser, from the first tap to the last. */
import type { RunningLab } from '../engine/commands/lab';
import { watchLab } from './observe/watch-lab';
import { pageFiles } from './serve/page';
import { serve } from './serve/server';
import { runScenarios } from '../scenarios/run';
import { visibleLoads } from '../scenarios/loads';
import type { Architecture, Scenario } from '../scenarios/stage/scenario';
import type { Topology } from '../topology/types';
import { Player } from './play/player';
import { schoolIn } from './teach/school';
import { Teacher } from './teach/teacher';
import { Terminals } from './terminals/terminals';

export interface OpenWatch {
  /** With the token in it. */
  readonly url: string;
  /** Resolves when the lab is there no more. */
  readonly gone: Promise<void>;
  /** Takes back everything in the nodes. */
  close(): Promise<void>;
}

/** What can be played and learnt beside the lab. */
export interface Offered {
  readonly scenarios: readonly Scenario[];
  readonly topologies: Readonly<Record<Architecture, Topology>>;
  /** Of a lesson, by its name. */
  readonly topologyOf: (name: string) => Promise<Topology>;
}

/** @param port of 127.0.0.1; 0 for any that is free @throws Error with a mend when it is taken */
export async function openWatch(
  lab: RunningLab,
  { scenarios, topologies, topologyOf }: Offered,
  port: number,
): Promise<OpenWatch> {
  const [watched, files] = await Promise.all([watchLab(lab), pageFiles()]);
  const loads = { ...visibleLoads, steady: { ...visibleLoads.steady, requests: 400, toItsEnd: false } };
  const playing = new Player(
    scenarios,
    async (scenario, how) => {
      const options = { ...how, topologies, loads, rounds: 1, onResult: () => undefined };
      return (await runScenarios([scenario], options))[0]!;
    },
    watchLab,
  );
  const teaching = new Teacher(lab.name, schoolIn(`lesson-${process.pid}`, topologyOf), watchLab);
  const terminals = new Terminals((of) => (of === 'lab' ? lab : teaching.lab()));
  try {
    const sources = { watched, playing, teaching };
    const server = await serve({ sources, shells: terminals, files }, port);
    const close = async (): Promise<void> => {
      await server.close();
      await terminals.close();
      await Promise.all([watched.close(), playing.close(), teaching.close()]);
    };
    return { url: server.url, gone: watched.gone, close };
  } catch (failure) {
    await watched.close();
    throw failure;
  }
}
