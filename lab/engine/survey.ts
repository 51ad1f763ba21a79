/** What the engine is and has, before anything is started. Changes nothing. */
import { statfs } from 'node:fs/promises';
import type { Topology } from '../topology/types';
import { docker } from './docker/connection';
import { labels } from './docker/labels';
import { bridgeName } from './docker/names';
import { presentBase } from './images/base';
import { imageExists } from './images/build';
import { imageTags } from './images/recipes';
import { findLabs, type FoundLab } from './labs/find';
import { occupiedSubnets, type OccupiedSubnet } from './labs/occupied';

export interface EngineSurvey {
  readonly version: string;
  /** For example 1.41. */
  readonly apiVersion: string;
  /** Room where it keeps its images; undefined when it is on another machine. */
  readonly free_bytes: number | undefined;
  /** What a lab needs and has not yet; empty when it can start at once. */
  readonly missingImages: readonly string[];
  readonly occupied: readonly OccupiedSubnet[];
  readonly labs: readonly SurveyedLab[];
}

/** A lab that is there. */
export interface SurveyedLab {
  readonly name: string;
  readonly topology: Topology;
  /** Devices of this machine, by network. */
  readonly bridges: ReadonlyMap<string, string>;
}

/** Rejects when no engine answers. */
export async function surveyEngine(): Promise<EngineSurvey> {
  const [{ Version, ApiVersion }, { DockerRootDir }, missingImages, occupied, labs] = await Promise.all([
    docker().version(),
    docker().info() as Promise<{ DockerRootDir: string }>,
    imagesMissing(),
    occupiedSubnets(),
    findLabs(),
  ]);
  return {
    version: Version,
    apiVersion: ApiVersion,
    free_bytes: await freeBytes(DockerRootDir),
    missingImages,
    occupied,
    labs: labs.map(surveyed),
  };
}

function surveyed({ name, topology, networks }: FoundLab): SurveyedLab {
  const bridges = networks.map(({ Labels, Id }) => [Labels?.[labels.network] ?? '', bridgeName(Id)] as const);
  return { name, topology, bridges: new Map(bridges) };
}

async function imagesMissing(): Promise<string[]> {
  const base = await presentBase();
  if (base === undefined) return ['base', 'addons', 'runtime', 'node'];
  const tags = imageTags(base);
  const kinds = ['addons', 'runtime', 'node'] as const;
  const present = await Promise.all(kinds.map((kind) => imageExists(tags[kind])));
  return kinds.filter((_, index) => !present[index]);
}

async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
