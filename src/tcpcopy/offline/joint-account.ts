/**
 * The account of a replay that several workers have played: all of them have read the same, and each has played connections of its own.
 * What was read stands in the first one's account; what was played is summed up.
 */
import type { Log } from '../../process/log';
import { TransferTimes, type TransferPart } from '../../answers/times/transfer-times';
import type { Account } from './account';
import { sumOf } from '../copying/sum-of';
import { tellAccount } from './tell-account';

/** Of one worker. */
export interface WorkerReport {
  readonly account: Account;
  /** Percentiles do not add up; these do. */
  readonly times: readonly TransferPart[];
}

/** @param reports of all workers, the first one first */
export function jointAccount(reports: readonly WorkerReport[]): Account {
  const accounts = reports.map(({ account }) => account);
  const [first] = accounts;
  const known = accounts.flatMap(({ lateness_ms }) => lateness_ms ?? []);
  return {
    ...first!,
    duration_ms: Math.max(...accounts.map(({ duration_ms }) => duration_ms)),
    captured_ms: Math.max(...accounts.map(({ captured_ms }) => captured_ms)),
    isWhole: accounts.every(({ isWhole }) => isWhole),
    nothing: accounts.every(({ nothing }) => nothing !== undefined) ? first!.nothing : undefined,
    unused: accounts.map(({ unused }) => unused).reduce((sum, one) => sumOf(sum, one)),
    counters: accounts.map(({ counters }) => counters).reduce((sum, one) => sumOf(sum, one)),
    times: jointTimes(reports.flatMap(({ times }) => times)).readings(),
    clockError_ms: worst(accounts.map(({ clockError_ms }) => clockError_ms)),
    lateness_ms:
      known.length === 0
        ? undefined
        : {
            half: Math.max(...known.map(({ half }) => half)),
            most: Math.max(...known.map(({ most }) => most)),
          },
  };
}

/** @param reports of all workers @returns the exit status */
export const concludeReports = (reports: readonly unknown[], log: Log): number =>
  tellAccount(jointAccount(reports as readonly WorkerReport[]), log);

function jointTimes(parts: readonly TransferPart[]): TransferTimes<string> {
  const transfers = [...new Set(parts.map(({ transfer }) => transfer))];
  const times = new TransferTimes(transfers, (name) => name);
  for (const part of parts) times.add(part.transfer, part);
  return times;
}

/** Undefined where one is not known. */
const worst = (values: readonly (number | undefined)[]): number | undefined =>
  values.every((value) => value !== undefined) ? Math.max(...values) : undefined;
