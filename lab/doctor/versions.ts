/** Which engines labs can stand on. */
import { ok, wrong, type Finding } from '../../src/doctor/diagnosis';
import type { LabCause } from './causes';

/** API of Docker 20.10, the oldest that labs are tried with. */
const API_OLDEST = [1, 41] as const;

/** @param where in front of what is said of it */
export function versionFinding(
  { version, apiVersion }: { readonly version: string; readonly apiVersion: string },
  where = '',
): Finding<LabCause> {
  const [major = 0, minor = 0] = apiVersion.split('.').map(Number);
  const evidence = `${where}Docker ${version} (API ${apiVersion})`;
  if (major > API_OLDEST[0] || minor >= API_OLDEST[1]) return ok(evidence);
  return wrong(
    'engine-too-old',
    `${evidence}; labs need API ${API_OLDEST.join('.')}`,
    'install Docker 20.10 or later',
  );
}
