/** What clients say to a server. */
import type { RequestProtocol } from './servers';
import type { TopologyServer } from '../types';

/** `http`: HTTP/1.1. `http2`: in clear text, and without asking first. */
export type Speech = RequestProtocol | 'http2';

/** Undefined when nobody has said it. */
export function speechOf(server: TopologyServer): Speech | undefined {
  switch (server.kind) {
    case 'nginx':
      return 'http';
    case 'nginx-http2':
      return 'http2';
    case 'redis':
      return 'redis';
    case 'service':
    case 'present':
      return server.protocol;
  }
}
