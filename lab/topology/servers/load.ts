/** A load of the user's own, in the place of the lab's. */
import type { ContainerOptions } from './servers';
import type { ServiceContainer } from './services';

interface LoadRun {
  /** The command and its arguments; nodes are known by their names. */
  readonly run: readonly string[];
  /** Name of the client that it runs in, or whose network it has. */
  readonly node: string;
  /** Until it is ended. Default 120,000. */
  readonly within_ms?: number;
}

/** In the client itself. */
type LoadInNode = LoadRun & { readonly image?: never; readonly build?: never };
/** In a container of the user's, with the client's network. */
type LoadInImage = LoadRun &
  Omit<ContainerOptions, 'command'> & { readonly image: string; readonly build?: never };
type LoadInBuild = LoadRun &
  Omit<ContainerOptions, 'command'> & { readonly build: string; readonly image?: never };

export type WrittenLoad = LoadInNode | LoadInImage | LoadInBuild;

/** As it is played. */
export interface TopologyLoad extends LoadRun {
  /** What it runs in; undefined for the node itself. */
  readonly container?: ServiceContainer;
}

/** What `--in` would take for its container, if it lasted. */
export const loadService = 'load';

export const LOAD_WITHIN_MS = 120_000;
