/** Containers of the user's, as they are started: every path is absolute, nothing is left to be read elsewhere. */
import type { Limits, Ready, RequestProtocol } from './servers';

/** A container of the user's as a server. */
export interface ServiceServer {
  readonly kind: 'service';
  /** What `--in` takes: the name in the Compose file, or `server`. */
  readonly name: string;
  readonly port: number;
  readonly protocol?: RequestProtocol;
  readonly ready: Ready;
  readonly container: ServiceContainer;
  /** What it depends on. */
  readonly beside?: Beside;
}

/** Name of the service of a server that is written as an image or a build. */
export const loneService = 'server';

export type ImageSource =
  | { readonly kind: 'image'; readonly image: string }
  | {
      readonly kind: 'build';
      /** Absolute. */
      readonly folder: string;
      /** Within the folder. */
      readonly dockerfile: string;
      readonly arguments: Readonly<Record<string, string>>;
      /** The stage that is built; by default the last. */
      readonly target?: string;
    };

export interface ServiceContainer {
  readonly from: ImageSource;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Path in the container -> absolute path; read-only. */
  readonly files: Readonly<Record<string, string>>;
  /** Paths that have a volume of their own, which goes with the container. */
  readonly volumes?: readonly string[];
  /** Path -> options of the mount. */
  readonly tmpfs?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly workingDirectory?: string;
  readonly limits: Limits;
  /** An init process in front of it, which takes care of orphans. */
  readonly init?: boolean;
  readonly readOnly?: boolean;
  readonly sharedMemory_bytes?: number;
  readonly health?: HealthCheck;
}

/** As the engine asks it, again and again. */
export interface HealthCheck {
  /** `CMD` or `CMD-SHELL` first, or `NONE` alone. */
  readonly test: readonly string[];
  readonly interval_ms?: number;
  readonly timeout_ms?: number;
  readonly startPeriod_ms?: number;
  readonly retries?: number;
}

/** What stands beside a server, on an internal network of its own, which the server's node is on as well. */
export interface Beside {
  /** Name of the network in the topology. */
  readonly network: string;
  /** The node's address there. */
  readonly address: string;
  /** What the server itself waits for. */
  readonly needs: Needs;
  /** By name, each after those that it needs. */
  readonly services: Readonly<Record<string, BesideService>>;
}

/** Name of a service -> what must have come of it. */
export type Needs = Readonly<Record<string, NeedCondition>>;
export type NeedCondition = 'started' | 'healthy' | 'completed';

export interface BesideService {
  /** Of one that answers in the place of somebody outside: when it counts as started. */
  readonly serves?: { readonly port: number; readonly ready: Ready };
  readonly container: ServiceContainer;
  readonly address: string;
  readonly needs: Needs;
}
