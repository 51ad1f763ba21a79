/** Recorded captures, compared as `tcpcopy compare` does it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ComparisonReport } from '../../../../src/answers/account/report';
import {
  compareFiles,
  DEFAULTS,
  type CapturedServer,
  type ComparedFiles,
} from '../../../../src/answers/captures/compare-files';
import { ALWAYS_IGNORED, ALWAYS_REDACTED, Rules } from '../../../../src/answers/compare/rules';
import type { End } from './recorder';
import { ONLINE, REFERENCE, TEST } from './world';

/** One file, or several that were captured beside each other. */
export type Captures = Buffer | readonly Buffer[];

export interface Captured {
  readonly online: Captures;
  readonly test: Captures;
  readonly reference?: Captures | undefined;
}

export interface Wishes {
  readonly ignore?: readonly string[];
  readonly redact?: readonly string[];
  readonly memory_bytes?: number;
  readonly body_bytes?: number;
}

/** Files of captures, and where their servers were asked. */
export async function compared(
  { online, test, reference }: Captured,
  {
    ignore = [],
    redact = [],
    memory_bytes = DEFAULTS.memory_bytes,
    body_bytes = DEFAULTS.body_bytes,
  }: Wishes = {},
): Promise<ComparedFiles> {
  const folder = mkdtempSync(join(tmpdir(), 'answers-'));
  try {
    const server = (name: string, files: Captures, endpoint: End): CapturedServer => ({
      files: (Array.isArray(files) ? files : [files]).map((bytes: Buffer, at) => {
        const path = join(folder, `${name}-${at}.pcap`);
        writeFileSync(path, bytes);
        return path;
      }),
      endpoints: [endpoint],
    });
    return await compareFiles({
      online: server('online', online, ONLINE),
      test: server('test', test, TEST),
      ...(reference && { reference: server('reference', reference, REFERENCE) }),
      rules: {
        ignore: new Rules([...ALWAYS_IGNORED, ...ignore]),
        redact: new Rules([...ALWAYS_REDACTED, ...redact]),
      },
      body_bytes,
      memory_bytes,
      patience_s: DEFAULTS.patience_s,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A line for each difference and each route that is slower. */
export const findingsOf = ({ routes }: ComparisonReport): string[] =>
  routes.flatMap(({ route, differences, times }) => [
    ...differences.map(({ place, kind }) => `${route}: ${place} ${kind}`),
    ...(times?.verdict === 'slower' ? [`${route}: slower`] : []),
  ]);
