/** Capture files of both servers, and of a reference, as one account: whose they are, what is kept of them, and what a reader must know. */
import { Comparison } from '../account/comparison';
import { reportOf, type ComparisonReport } from '../account/report';
import type { CompareOptions } from '../compare/compare';
import type { ServerEndpoint } from './both-directions';
import type { CapturedSide, SideOptions } from './captured-side';
import { compareCaptures, type ReadSides, type Sides } from './compare-captures';

export const DEFAULTS = { patience_s: 10, body_bytes: 1024 * 1024, memory_bytes: 256_000_000 } as const;

/** Of both sides, without their bodies: some hundred megabytes. */
const WAITING_MAX = 200_000;
const REQUEST_BYTES = 16 * 1024;

export interface CapturedServer {
  /** Paths. */
  readonly files: readonly string[];
  /** Where it is asked. */
  readonly endpoints: readonly ServerEndpoint[];
}

export interface FilesToCompare extends CompareOptions {
  readonly online: CapturedServer;
  readonly test: CapturedServer;
  /** Another test server that is known to answer as the online server does. */
  readonly reference?: CapturedServer;
  /** What is not answered so long before a capture's end will not be. */
  readonly patience_s: number;
  /** Of answers that wait for their partner. */
  readonly memory_bytes: number;
  /** Differences in time that are less are never told. */
  readonly margin_ms?: number;
}

export interface ComparedFiles {
  readonly report: ComparisonReport;
  /** What a reader must know of the captures, a line each. */
  readonly notes: readonly string[];
}

/** @throws CaptureError when a file cannot be read, or is no capture */
export async function compareFiles(wishes: FilesToCompare): Promise<ComparedFiles> {
  const { rules, body_bytes, memory_bytes, reference, margin_ms } = wishes;
  const comparison = new Comparison({
    rules,
    body_bytes,
    waiting_max: WAITING_MAX,
    held_bytes_max: memory_bytes,
    hasReference: reference !== undefined,
    ...(margin_ms !== undefined && { margin_ms }),
  });
  const read = await compareCaptures(sidesOf(wishes), comparison);
  const sides = Object.entries(read) as [keyof ReadSides, CapturedSide][];
  const report = reportOf(comparison, Object.fromEntries(sides.map(([name, { counts }]) => [name, counts])));
  return { report, notes: sides.flatMap(([name, side]) => notesOn(name, side, report)) };
}

function sidesOf({ online, test, reference, patience_s, body_bytes }: FilesToCompare): Sides {
  const kept = { response_bytes: body_bytes, request_bytes: REQUEST_BYTES };
  const side = (
    { files, endpoints }: CapturedServer,
    others: readonly ServerEndpoint[] = [],
  ): SideOptions => ({
    kept,
    isChosen: () => true,
    patience_s,
    files,
    servers: endpoints,
    others,
  });
  // Where the online server is known by its port alone, that may be the test server's as well; and one may be both.
  const others = [test, reference ?? test]
    .flatMap(({ endpoints }) => endpoints)
    .filter((one) => one.address !== undefined && !online.endpoints.some((other) => isSame(one, other)));
  return {
    online: side(online, others),
    test: side(test),
    ...(reference && { reference: side(reference) }),
  };
}

const isSame = (one: ServerEndpoint, other: ServerEndpoint): boolean =>
  one.address === other.address && one.port === other.port;

function notesOn(
  name: string,
  { counts, cutOff, packets, damages }: CapturedSide,
  { pairs }: ComparisonReport,
): string[] {
  const { connections, broken, encrypted, unjoined, oneSided, given_up } = counts;
  const notes: [count: number, text: string][] = [
    [cutOff, `${cutOff} segments are cut off; capture them whole (tcpdump -s 0)`],
    [
      oneSided,
      `nothing that the server says is captured in ${oneSided} of ${connections} connections; where an NFQUEUE is the guard, a rule has to log it (NFLOG)`,
    ],
    [
      broken,
      `${broken} of ${connections} connections have holes: the capture lost packets (tcpdump -B 65536), or of several beside each other one ended earlier`,
    ],
    [encrypted, `${encrypted} connections are encrypted (TLS) and cannot be compared`],
    [
      unjoined,
      `${unjoined} connections began before the capture, and no request was found in what it has of them, as in HTTP/2`,
    ],
    ...Object.entries(given_up).map(([why, count]): [number, string] => [
      count,
      `${count} connections are not read to their end: ${why}`,
    ]),
    [
      pairs === 0 && connections + encrypted + unjoined === 0 ? 1 : 0,
      `no client spoke to that server in ${packets} packets`,
    ],
  ];
  return [
    ...damages.map(({ file, reason, at }) => `${file} is damaged at byte ${at} (${reason})`),
    ...notes.filter(([count]) => count > 0).map(([, text]) => `${name}: ${text}`),
  ];
}
