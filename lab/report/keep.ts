/** Keeps what a verification rests on: captures that Wireshark opens, and the report. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Evidence } from '../verify/evidence/evidence';
import type { TapEvidence } from '../verify/evidence/tap';
import type { Verification } from '../verify/verification';
import { reportAsJson } from './json';
import { reportAsText } from './text';

export async function keepEvidence(
  directory: string,
  evidence: Evidence,
  verification: Verification,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  await Promise.all([
    keepCaptures(directory, evidence.taps),
    writeFile(join(directory, 'report.json'), `${JSON.stringify(reportAsJson(verification), null, 2)}\n`),
    writeFile(join(directory, 'report.txt'), `${reportAsText(verification)}\n`),
  ]);
}

/** @param directory exists */
export async function keepCaptures(directory: string, taps: readonly TapEvidence[]): Promise<void> {
  await Promise.all(
    taps.map(({ name, capture }) => writeFile(join(directory, `${name.replaceAll(' ', '-')}.pcap`), capture)),
  );
}
