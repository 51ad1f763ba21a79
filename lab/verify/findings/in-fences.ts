/** Whether the test side's services were fenced in, and whom they called. */
import { callAsText, outsideCalls, type OutsideCall } from '../../fence/outside-call';
import type { Moments } from '../evidence/evidence';
import type { FenceState } from '../evidence/fence-state';
import { counted, type Finding } from './finding';

/** Calls since the verification began, but for those that are allowed. */
export function callsIn({ before, after }: Moments<readonly FenceState[]>): OutsideCall[] {
  return after.flatMap(({ holder, telling, record }) =>
    outsideCalls(telling, record, before.find((one) => one.holder === holder)?.record),
  );
}

export function findInFences({ before, after }: Moments<readonly FenceState[]>): Finding[] {
  return after.flatMap((now): Finding[] => {
    const fault = before.find(({ holder }) => holder === now.holder)?.fault ?? now.fault;
    if (fault === undefined) return [];
    return [
      {
        code: 'fence-missing',
        message: `The fence on ${now.holder} does not stand: ${fault}. What ${now.telling.from} says to others is not seen.`,
        mend: 'lab down, then lab up',
      },
    ];
  });
}

const CALLS_TOLD = 5;

export function findInCalls(calls: readonly OutsideCall[]): Finding[] {
  if (calls.length === 0) return [];
  const told = calls.slice(0, CALLS_TOLD).map(callAsText).join('; ');
  const more = calls.length > CALLS_TOLD ? `; and ${counted(calls.length - CALLS_TOLD, 'other')}` : '';
  const name = calls[0]!.name ?? calls[0]!.address ?? '';
  return [
    {
      code: 'outside-called',
      message: `Copied orders made the test side call others, which went nowhere: ${told}${more}.`,
      mend: `keep the service from it by a setting of its own; or give the topology somebody who answers, or allow it: outside: { '${name}': … }`,
    },
  ];
}
