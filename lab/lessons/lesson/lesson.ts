/** What a lesson is: inert data, in every language, with checks that ask the lab. */
import type { Action } from '../classroom/action';
import type { Check } from '../classroom/check';
import type { Picture } from '../classroom/picture';
import type { Words } from '../words/language';

/** Those that are shipped, by their names. */
export type LessonTopology =
  | 'traditional'
  | 'data-link'
  | 'many-online'
  | 'subnet-clients'
  | 'cloud'
  | 'offline';

export interface Lesson {
  /** Unique, and stays what it is: progress is kept by it. */
  readonly name: string;
  readonly title: Words;
  /** What is learned, in one sentence. */
  readonly teaches: Words;
  readonly minutes: number;
  readonly topology: LessonTopology;
  /** Nodes and servers only, at the beginning. */
  readonly bare: boolean;
  readonly steps: readonly [Step, ...Step[]];
}

export interface Step {
  /** Unique in its lesson, and stays what it is. */
  readonly name: string;
  readonly title: Words;
  /** What the lesson itself does to the lab when the step is opened. */
  readonly prepares?: readonly Action[];
  /** What is to be known for the task. */
  readonly text: Words;
  readonly task: Words;
  /** What must be so when the task is done; at least one of them is not so before. */
  readonly checks: readonly [Check, ...Check[]];
  /** Where to look; not the answer. */
  readonly hint: Words;
  /** One way to do the task, which is also the way to the state before the next step. */
  readonly answer: readonly [Action, ...Action[]];
  readonly picture: Picture;
  /** What the picture shows, and what it means. */
  readonly after: Words;
}
