/** What is said of a program outside of itself: the tables that its `--help` is made from. */
import type { OptionSpec } from '../../src/process/options';

export interface ProgramTables {
  readonly name: string;
  /** Begins with a line that says the program's name, a colon, and what it does. */
  readonly synopsis: string;
  readonly specs: readonly OptionSpec[];
  readonly examples: readonly string[];
  /** What the word `doctor` adds. */
  readonly doctor: { readonly specs: readonly OptionSpec[]; readonly examples: readonly string[] };
  /** Further words that may stand first, each with options of its own. */
  readonly words: readonly ProgramWord[];
}

export interface ProgramWord {
  readonly word: string;
  /** As the program's own. */
  readonly synopsis: string;
  readonly specs: readonly OptionSpec[];
  readonly examples: readonly string[];
}

/** What may stand in the place of an option's value. */
export type ValueKind =
  | { readonly kind: 'file' | 'device' | 'other' }
  | { readonly kind: 'choice'; readonly words: readonly string[] };

/** By the name that the help text gives to the value. */
export function valueKind(value: string): ValueKind {
  if (/^file\b/.test(value)) return { kind: 'file' };
  if (/^device\b/.test(value)) return { kind: 'device' };
  const words = value.split('|');
  const isChoice = words.length > 1 && words.every((word) => /^[a-z]+(-[a-z]+)*$/.test(word));
  return isChoice ? { kind: 'choice', words } : { kind: 'other' };
}

/** On one line. */
export const helpOf = ({ help }: OptionSpec): string => help.replaceAll('\n', ' ');
