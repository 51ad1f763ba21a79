/** Which engines labs can stand on. */
import { ok, wrong, type Finding } from '../../src/doctor/diagnosis';
import { API_OLDEST, isNewEnough } from '../engine/labs/fit';
import type { LabCause } from './causes';

/** @param where in front of what is said of it */
export function versionFinding(
  { version, apiVersion }: { readonly version: string; readonly apiVersion: string },
  where = '',
): Finding<LabCause> {
  const evidence = `${where}Docker ${version} (API ${apiVersion})`;
  if (isNewEnough(apiVersion)) return ok(evidence);
  return wrong(
    'engine-too-old',
    `${evidence}; labs need API ${API_OLDEST.join('.')}`,
    'install Docker 20.10 or later',
  );
}
