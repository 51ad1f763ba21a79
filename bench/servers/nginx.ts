/** The lab's nginx, restarted with what the bench wants of it. */
import type { LabNode } from '../../lab/engine/commands/lab';
import { BENCH_LOG, LOG_FORMAT } from '../records/access-log';
import { redoStep } from '../stage/plan-step';
import type { Stage } from '../stage/stage';

export interface NginxSettings {
  /** After so many a connection is closed. Default is more than any load asks: its connections are its own to close. */
  readonly requestsPerConnection?: number;
  /** Locations of a server that takes the place of the lab's own, in nginx's words. */
  readonly locations?: string;
}

const SETTINGS_FILE = '/run/nginx.d/bench.conf';
/** Nor must a minute of silence end a connection. */
const SILENCE_MAX_S = 600;
const REQUESTS_MAX = 10_000_000;

/** With the log that books are read from. */
export async function restartNginx(stage: Stage, node: LabNode, settings: NginxSettings = {}): Promise<void> {
  await stopNginx(node);
  const { port } = node.definition.server!;
  await node.writeFile(SETTINGS_FILE, settingsText(port, settings));
  await redoStep(stage.lab, `server:${node.name}`);
}

/** Both servers'. */
export async function prepareNginx(stage: Stage): Promise<void> {
  await Promise.all([stage.online, stage.test].map((node) => restartNginx(stage, node)));
}

export async function stopNginx(node: LabNode): Promise<void> {
  const stop = 'pkill -TERM -x nginx; while pgrep -x nginx >/dev/null; do sleep 0.05; done';
  await node.exec(['sh', '-c', stop]);
}

/** Part of the `http` block of images/nginx.conf, before its own server. */
export function settingsText(
  port: number,
  { requestsPerConnection = REQUESTS_MAX, locations }: NginxSettings,
): string {
  const server = locations === undefined ? '' : `server { listen ${port} default_server; ${locations} }`;
  return `
log_format bench '${LOG_FORMAT}';
access_log ${BENCH_LOG} bench;
client_body_in_file_only on;
client_header_timeout ${SILENCE_MAX_S}s;
keepalive_timeout ${SILENCE_MAX_S}s;
keepalive_requests ${requestsPerConnection};
${server}
`;
}
