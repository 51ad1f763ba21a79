/** Results of scenarios for people, and what they rest on. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CleanResult } from '../scenarios/clean';
import type { ScenarioEvidence } from '../scenarios/judgement/evidence';
import type { PlantedResult } from '../scenarios/planted/run-planted';
import type { ScenarioResult } from '../scenarios/judgement/result';
import type { CaseReport } from '../../src/report/case';
import { keepCaptures } from './keep';

export const RESULT_HEAD = [
  'scenario',
  'round',
  'leaked',
  'exposures',
  'missing',
  'doubled',
  'detect',
  'resume',
  'verdict',
] as const;

/** One line of the table, in the order of the head. */
export function resultCells(result: ScenarioResult): string[] {
  const duration = (value_ms: number | undefined): string =>
    value_ms === undefined ? '-' : `${value_ms} ms`;
  return [
    result.scenario,
    String(result.round),
    String(result.leaked),
    String(result.exposures),
    String(result.missing),
    String(result.doubled),
    duration(result.detect_ms),
    duration(result.resume_ms),
    result.verdict.toUpperCase(),
  ];
}

export function caseOfScenario(result: ScenarioResult, duration_ms: number): CaseReport {
  const { scenario, round, seed, verdict, reasons, leaked, exposures, missing, doubled } = result;
  return {
    suite: 'scenarios',
    name: `${scenario}, round ${round}`,
    verdict,
    duration_ms,
    reasons,
    figures: { leaked, exposures, missing, doubled },
    repeat: `lab run ${scenario} --seed ${seed}`,
  };
}

export const PLANTED_HEAD = ['planted', 'expected', 'leaked', 'exposures', 'told', 'verdict'] as const;

export function plantedCells(result: PlantedResult): string[] {
  const { planted, expected, leaked, exposures, told, verdict } = result;
  return [planted, expected, String(leaked), String(exposures), told.join(' ') || '-', verdict.toUpperCase()];
}

export function caseOfPlanted(result: PlantedResult, duration_ms: number): CaseReport {
  const { planted, expected, verdict, leaked, exposures, told } = result;
  return {
    suite: 'planted leaks',
    name: planted,
    verdict,
    duration_ms,
    reasons: verdict === 'pass' ? [] : [`expected ${expected}, told ${told.join(' ') || 'nothing'}`],
    figures: { leaked, exposures },
  };
}

export const CLEAN_HEAD = [
  'architecture',
  'round',
  'leaked',
  'exposures',
  'missing',
  'doubled',
  'verdict',
] as const;

export function cleanCells(result: CleanResult): string[] {
  const { architecture, round, leaked, exposures, missing, doubled, verdict } = result;
  return [architecture, ...[round, leaked, exposures, missing, doubled].map(String), verdict.toUpperCase()];
}

/** @param suite `clean` or `whole-life` */
export function caseOfClean(suite: string, result: CleanResult, duration_ms: number): CaseReport {
  const { architecture, round, verdict, reasons, leaked, exposures, missing, doubled } = result;
  return {
    suite,
    name: `${architecture}, round ${round}`,
    verdict,
    duration_ms,
    reasons,
    figures: { leaked, exposures, missing, doubled },
  };
}

/**
 * Result and logs, and the captures of what failed or is asked for, in a directory for each scenario and round.
 *
 * @returns the directory
 */
export async function keepScenario(
  directory: string,
  result: ScenarioResult,
  evidence: ScenarioEvidence,
  everything: boolean,
): Promise<string> {
  const own = join(directory, result.scenario, `round-${result.round}`);
  await rm(own, { recursive: true, force: true });
  await mkdir(own, { recursive: true });
  const { moments, counters, left } = evidence;
  const report = { ...result, moments, counters, left };
  await Promise.all([
    writeFile(join(own, 'result.json'), `${JSON.stringify(report, null, 2)}\n`),
    ...Object.entries(evidence.logs).map(([name, log]) =>
      writeFile(join(own, `${name.replaceAll(' ', '-')}.log`), log),
    ),
    ...(everything || result.verdict === 'fail' ? [keepCaptures(own, evidence.taps)] : []),
  ]);
  return own;
}
