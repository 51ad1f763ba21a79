/** What a fault of the exam is: inert data. */
import type { Action } from '../classroom/action';
import type { Words } from '../words/language';

export type FaultKind = 'rule' | 'route' | 'sysctl' | 'option' | 'server';

export interface Fault {
  /** Unique. */
  readonly name: string;
  readonly kind: FaultKind;
  readonly topology: 'traditional' | 'data-link';
  /** What somebody who uses the copy complains of; it may lead astray, as complaints do. */
  readonly complaint: Words;
  readonly breaks: readonly [Action, ...Action[]];
  /** The shortest way. */
  readonly mends: readonly [Action, ...Action[]];
  /** What it was. */
  readonly because: Words;
}
