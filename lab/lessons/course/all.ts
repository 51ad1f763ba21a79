/** The course: every lesson, in the order in which they are learned. */
import { firstCopy } from './first-copy';
import type { Lesson } from './lesson';
import { tcp } from './tcp';

export const lessons: readonly Lesson[] = [tcp, firstCopy];
