/** A copy that was verified, as a case in reports for CI servers. */
import type { CaseReport } from '../../src/report/case';
import { counted } from '../verify/findings/finding';
import type { Verification } from '../verify/verification';

/** @param suite the topology or lab */
export function caseOfVerification(
  suite: string,
  verification: Verification,
  duration_ms: number,
): CaseReport {
  const { verdict, scene, requests, streams, leaks, fences, outside, reasons, profile } = verification;
  return {
    suite,
    name: `${scene.online.name} to ${scene.test.name}`,
    verdict,
    duration_ms,
    reasons: reasons.flatMap(({ code, message, mend }) => [
      `${code}: ${message}`,
      ...(mend === undefined ? [] : [`mend: ${mend}`]),
    ]),
    figures: {
      ...(streams
        ? { connections: requests.online, 'bytes at online': streams.online, 'bytes at test': streams.test }
        : { sent: requests.sent, 'at test': requests.test }),
      missing: requests.missing,
      duplicated: requests.duplicated,
      altered: requests.altered,
      leaks: counted(leaks.frames, 'frame'),
      ...(fences > 0 && { 'calls outside': outside.length }),
    },
    ...(profile.protocol === 'bytes'
      ? {}
      : { repeat: `lab verify --seed ${profile.seed} --requests ${profile.requests}` }),
  };
}
