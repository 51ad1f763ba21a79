/** What the engine is and has, before anything is started. Changes nothing. */
import { statfs } from 'node:fs/promises';
import { docker } from './docker/connection';
import { presentBase } from './images/base';
import { imageExists } from './images/build';
import { imageTags } from './images/recipes';
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
}

/** Rejects when no engine answers. */
export async function surveyEngine(): Promise<EngineSurvey> {
  const [{ Version, ApiVersion }, { DockerRootDir }, missingImages, occupied] = await Promise.all([
    docker().version(),
    docker().info() as Promise<{ DockerRootDir: string }>,
    imagesMissing(),
    occupiedSubnets(),
  ]);
  return {
    version: Version,
    apiVersion: ApiVersion,
    free_bytes: await freeBytes(DockerRootDir),
    missingImages,
    occupied,
  };
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
