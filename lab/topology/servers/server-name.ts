import type { TopologyServer } from '../types';

/** What a server is, in a word: its kind, or the name of the user's service. */
export const serverName = (server: TopologyServer): string =>
  server.kind === 'service'
    ? server.name
    : server.kind === 'present'
      ? (server.protocol ?? 'server')
      : server.kind;
