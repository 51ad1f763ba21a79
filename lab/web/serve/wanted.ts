/** What the page asks for, checked. */
import { z } from 'zod';
import type { PlayWanted, RequestWanted } from '../messages/message';

const name = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
/** Printable, on one line. */
const line = z.string().regex(/^[\x20-\x7e]*$/);

const requestWanted = z.strictObject({
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

/** @throws Error in words when it is something else */
export const requestWantedFrom = (text: string): RequestWanted => checked(requestWanted, text);

/** @throws Error in words when it is something else */
export const playWantedFrom = (text: string): PlayWanted => {
  const { scenario, seed } = checked(playWanted, text);
  return { scenario, ...(seed === undefined ? {} : { seed }) };
};

function checked<T>(schema: z.ZodType<T>, text: string): T {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new Error('It is no JSON.');
  }
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  throw new Error(z.prettifyError(error));
}
