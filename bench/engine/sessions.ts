/** How the engine's cost grows with the number of open sessions: CPU time a request, and memory a session at rest. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BenchError } from '../stage/bench-error';
import { EnginePlay } from './engine-play';

const COUNTS = [100, 1_000, 10_000, 100_000];
/** Requests that are measured, and before them those that the compiler learns from. */
const REQUESTS = 400_000;
const TURNS = 3;
/** Of the CPU time a request with the most sessions, to that with a thousand. */
const GROWTH_MAX = 1.2;
const SESSION_MAX_BYTES = 1536;

export interface SessionsRow {
  readonly sessions: number;
  /** Medians of the turns. */
  readonly cpu_us: number;
  readonly session_bytes: number;
}

export interface SessionsResult {
  readonly rows: readonly SessionsRow[];
  /** With 100,000 sessions, over that with 1,000; each turn plays both. */
  readonly growth: number;
  readonly met: boolean;
}

export function sessions(signal: AbortSignal): SessionsResult {
  const turns = COUNTS.map((): { cpu_us: number; session_bytes: number }[] => []);
  for (let turn = 0; turn < TURNS; turn += 1) {
    COUNTS.forEach((count, index) => {
      signal.throwIfAborted();
      turns[index]!.push(measure(count));
    });
  }
  const rows = COUNTS.map((count, index) => ({
    sessions: count,
    cpu_us: median(turns[index]!.map(({ cpu_us }) => cpu_us)),
    session_bytes: median(turns[index]!.map(({ session_bytes }) => session_bytes)),
  }));
  const [thousand, most] = [turns[1]!, turns.at(-1)!];
  const growth = median(most.map(({ cpu_us }, turn) => cpu_us / thousand[turn]!.cpu_us));
  const met = growth <= GROWTH_MAX && rows.at(-1)!.session_bytes <= SESSION_MAX_BYTES;
  return { rows, growth, met };
}

export function sessionsText({ rows, growth, met }: SessionsResult): string {
  return [
    'sessions   CPU µs a request   bytes a session at rest',
    ...rows.map(
      ({ sessions: count, cpu_us, session_bytes }) =>
        `${count.toLocaleString('en').padStart(8)}   ${cpu_us.toFixed(2).padStart(16)}   ${session_bytes.toFixed(0).padStart(23)}`,
    ),
    `CPU with 100,000 sessions / with 1,000: ${growth.toFixed(2)} (at most ${GROWTH_MAX}); at most ${SESSION_MAX_BYTES} bytes a session`,
    met ? 'Met.' : 'Not met.',
  ].join('\n');
}

function measure(connections: number): { cpu_us: number; session_bytes: number } {
  const before_bytes = usedHeap_bytes();
  const play = new EnginePlay(connections);
  play.open();
  for (let done = 0; done < REQUESTS / 4 || done < 2 * connections; done += connections) play.round();
  const session_bytes = (usedHeap_bytes() - before_bytes) / connections;
  const rounds = Math.max(2, Math.ceil(REQUESTS / connections));
  const start = process.cpuUsage();
  const sentBefore = play.requestsSent;
  for (let round = 0; round < rounds; round += 1) play.round();
  const { user, system } = process.cpuUsage(start);
  const sent = play.requestsSent - sentBefore;
  if (sent !== rounds * connections || play.sessionsOpen !== connections)
    throw new BenchError('STEP_FAILED', `The engine sent ${sent} of ${rounds * connections} requests.`);
  return { cpu_us: (user + system) / sent, session_bytes };
}

/** Objects, and the memory of typed arrays. */
function usedHeap_bytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!;
