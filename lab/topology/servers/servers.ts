/** What may listen on an online or test node, as it is written in a topology. */

export interface BuiltInServer {
  /** `nginx-http2` speaks HTTP/2 in clear text and nothing else. */
  readonly kind: 'nginx' | 'nginx-http2' | 'redis';
  readonly port: number;
  readonly image?: never;
  readonly build?: never;
  readonly compose?: never;
}

/** A container made from an image that the engine has, or that it can pull. */
export interface ImageServer extends Serving, ContainerOptions {
  /** As `docker run` takes it, for example `memcached:1.6`. */
  readonly image: string;
  readonly kind?: never;
  readonly build?: never;
  readonly compose?: never;
}

/** A container made from a folder with a Dockerfile. */
export interface BuildServer extends Serving, ContainerOptions {
  /** The folder, relative to that of the topology's file. */
  readonly build: string;
  readonly kind?: never;
  readonly image?: never;
  readonly compose?: never;
}

/** A service of a Compose file; what it depends on is started beside it. */
export interface ComposeServer extends Serving {
  /** The file, relative to that of the topology. */
  readonly compose: string;
  /** Its name in the file. */
  readonly service: string;
  readonly kind?: never;
  readonly image?: never;
  readonly build?: never;
}

/** What runs on a machine already: it is neither started nor ended. */
export interface PresentServer {
  readonly kind: 'present';
  readonly port: number;
  /** What clients say there, where requests can be told apart; without it, streams of bytes are compared. */
  readonly protocol?: RequestProtocol;
  readonly image?: never;
  readonly build?: never;
  readonly compose?: never;
}

export type WrittenServer = BuiltInServer | PresentServer | ImageServer | BuildServer | ComposeServer;

interface Serving {
  readonly port: number;
  /** What clients say there, where requests can be told apart; without it, streams of bytes are compared. */
  readonly protocol?: RequestProtocol;
  readonly ready: Ready;
}

/** Protocols whose requests can be told apart. */
export type RequestProtocol = 'http' | 'redis';

/** How a container is made from its image. */
export interface ContainerOptions {
  /** In the place of the image's own. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Path in the container -> file or folder, relative to that of the topology's file; read-only. */
  readonly files?: Readonly<Record<string, string>>;
  /** Name or number, also with a group: `1000:1000`. */
  readonly user?: string;
  readonly limits?: Limits;
}

export interface Limits {
  readonly memory_mb?: number;
  /** Cores, also a part of one. */
  readonly cpus?: number;
  readonly processes?: number;
}

/** What must be seen before a server counts as started. */
export type Ready = ReadySign & {
  /** Default 60,000. */
  readonly within_ms?: number;
};

type ReadySign =
  /** Something listens on the TCP port. */
  | { readonly tcp: number; readonly http?: never; readonly log?: never; readonly command?: never }
  /** A GET of the path, on the server's port, is answered with the status (default 200). */
  | {
      readonly http: string;
      readonly status?: number;
      readonly tcp?: never;
      readonly log?: never;
      readonly command?: never;
    }
  /** A line of its log matches the regular expression. */
  | { readonly log: string; readonly tcp?: never; readonly http?: never; readonly command?: never }
  /** The command, run in the container, ends with status 0. */
  | {
      readonly command: readonly string[];
      readonly tcp?: never;
      readonly http?: never;
      readonly log?: never;
    };

/** How long a server may take until it is ready. */
export const READY_WITHIN_MS = 60_000;

export function readyWithin_ms({ within_ms = READY_WITHIN_MS }: Pick<Ready, 'within_ms'>): number {
  return within_ms;
}
