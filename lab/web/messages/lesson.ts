/** The lesson that is open. Its words are asked for, in the page's language. */

export type { CheckView, HelpView, LessonRow, StepOutcome, StepView } from '../../lessons/views/views';

export type Language = 'en' | 'zh';

/** Where a lesson stands; lessons and steps by their names. */
export type LessonStage =
  /** `doing`: what is done to have a lab for it. */
  | { readonly kind: 'opening'; readonly lesson: string; readonly doing?: string }
  | { readonly kind: 'open'; readonly lesson: string; readonly step: string; readonly lab: string }
  /** None is open. */
  | { readonly kind: 'closed' };

export interface LessonMessage {
  readonly kind: 'lesson';
  readonly stage: LessonStage;
}

/** A lesson as the page asks for it. */
export interface LessonWanted {
  readonly lesson: string;
  /** Number of the step; where the learner is when none is given. */
  readonly at?: number;
  readonly language: Language;
}
