/** `h2load`: HTTP/2 in clear text, many requests at a time in each connection. */
import type { Play } from './play';
import { numberIn, runClient } from './run-client';

const TIMEOUT_MS = 120_000;

export interface H2Shape {
  readonly connections: number;
  /** At a time, in each connection. */
  readonly streams: number;
  readonly requests: number;
}

export function playH2({ requests, connections, streams }: H2Shape): Play {
  const sizes = ['-n', String(requests), '-c', String(connections), '-m', String(streams)];
  return async (stage, tag) => {
    const { address, port } = stage.scene.online;
    const url = `http://${address}:${port}/${tag}`;
    const report = await runClient(stage, ['h2load', ...sizes, url], TIMEOUT_MS);
    // `finished in 812.34ms` or `1.23s`.
    const unit = /finished in [\d.]+ms/.test(report) ? 1000 : 1;
    return {
      requests: numberIn(report, /(\d+) succeeded/),
      seconds: numberIn(report, /finished in ([\d.]+)(?:s|ms),/) / unit,
    };
  };
}
