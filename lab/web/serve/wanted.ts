/** What the page asks for, checked. */
import { z } from 'zod';
import type { Language, LessonWanted } from '../messages/lesson';
import type { PlayWanted, RequestPosted } from '../messages/message';
import type { TerminalSize, TerminalWanted } from '../messages/terminal';

const name = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
/** Printable, on one line. */
const line = z.string().regex(/^[\x20-\x7e]*$/);

/** Where the page may do something, and not only look. */
const hands = z.enum(['lab', 'lesson']);

const requestPosted = z.strictObject({
  of: hands,
  copy: name,
  client: name,
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']),
  target: line.min(1).max(2_000),
  body: z.string().max(32 * 1024),
});

const playWanted = z.strictObject({
  scenario: z.string().regex(/^[a-z0-9-]{1,80}$/),
  seed: z.int().min(0).max(0xffff_ffff).optional(),
});

const language = z.enum(['en', 'zh']);
const languageWanted = z.strictObject({ language });

const lessonWanted = z.strictObject({
  lesson: name,
  at: z.int().min(1).max(99).optional(),
  language,
});

/** @throws Error in words when it is something else */
export const requestPostedFrom = (text: string): RequestPosted => checked(requestPosted, text);

/** @throws Error in words when it is something else */
export const playWantedFrom = (text: string): PlayWanted => {
  const { scenario, seed } = checked(playWanted, text);
  return { scenario, ...(seed === undefined ? {} : { seed }) };
};

/** @throws Error in words when it is something else */
export const lessonWantedFrom = (text: string): LessonWanted => {
  const { at, ...wanted } = checked(lessonWanted, text);
  return { ...wanted, ...(at === undefined ? {} : { at }) };
};

/** @throws Error in words when it is something else */
export const languageWantedFrom = (text: string): Language => checked(languageWanted, text).language;

const size = {
  columns: z.coerce.number().int().min(2).max(500),
  rows: z.coerce.number().int().min(2).max(200),
};
const terminalSize = z.strictObject(size);
const terminalWanted = z.strictObject({ of: hands, node: name, ...size });

/** @throws Error in words when it is something else */
export const terminalWantedFrom = (query: URLSearchParams): TerminalWanted =>
  parsed(terminalWanted, Object.fromEntries(query));

/** @throws Error in words when it is something else */
export const sizeFrom = (text: string): TerminalSize => checked(terminalSize, text);

/** English for all that is none of the page's languages. */
export const languageFrom = (text: string | null): Language => language.catch('en').parse(text);

function checked<T>(schema: z.ZodType<T>, text: string): T {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new Error('It is no JSON.');
  }
  return parsed(schema, given);
}

function parsed<T>(schema: z.ZodType<T>, given: unknown): T {
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  throw new Error(z.prettifyError(error));
}
