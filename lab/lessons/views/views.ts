/** Lessons as plain data in one language: what a terminal prints, and what a page shows. */

export interface LessonRow {
  readonly number: number;
  readonly name: string;
  readonly title: string;
  readonly teaches: string;
  readonly minutes: number;
  readonly topology: string;
  readonly steps: number;
  readonly passed: number;
  readonly done: boolean;
}

export interface StepView {
  readonly lesson: string;
  readonly step: string;
  /** Begins at 1. */
  readonly number: number;
  readonly of: number;
  readonly title: string;
  readonly text: string;
  readonly task: string;
  /** What must be so. */
  readonly holds: readonly string[];
}

export interface StepOutcome {
  readonly passed: boolean;
  /** What must be so, and what was seen, in the words of the tools. */
  readonly checks: readonly { readonly holds: string; readonly held: boolean; readonly seen: string }[];
  /** Of a step that was passed: text, drawn in columns. */
  readonly picture?: string;
  readonly after?: string;
}

export interface CheckView extends StepOutcome {
  /** Name of the lab that was looked at. */
  readonly lab: string;
  /** What comes behind a step that was passed; undefined behind the last one. */
  readonly next?: StepView | undefined;
}

export interface HelpView {
  /** Where to look. */
  readonly hint: string;
  /** One way to do the task, command by command; the second time. */
  readonly answer?: readonly string[] | undefined;
}
