/** What the page asks for, checked. */
import { z } from 'zod';
import type { RequestWanted } from '../messages/message';

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

/** @throws Error in words when it is something else */
export function requestWantedFrom(text: string): RequestWanted {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new Error('It is no JSON.');
  }
  const { success, data, error } = requestWanted.safeParse(given);
  if (success) return data;
  throw new Error(z.prettifyError(error));
}
