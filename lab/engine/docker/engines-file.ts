/** A file that names the engines of a lab: JSON or YAML, as `{ "engines": { "a": "unix:///run/a.sock" } }`. */
import { readFile } from 'node:fs/promises';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { LabError, reasonOf } from './errors';

export const ENGINE_NAME = /^[a-z][a-z0-9-]*$/;

const form = z.strictObject({
  engines: z.record(
    z
      .string()
      .regex(ENGINE_NAME, 'a name has lower-case letters, digits and dashes, and begins with a letter'),
    z.union([
      z.string().min(1),
      z.strictObject({ context: z.string().min(1) }).transform(({ context }) => `context:${context}`),
    ]),
  ),
});

/** @returns addresses by name, in their order @throws LabError `ENGINE_ADDRESS_INVALID` with the place in the file */
export async function enginesIn(file: string): Promise<Record<string, string>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw faulty(`${file} cannot be read: ${reasonOf(cause)}`);
  }
  const lines = new LineCounter();
  // JSON is YAML.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw faulty(`${file}, line ${line}, column ${col}: ${error.message}`);
  }
  const read = form.safeParse(document.toJS());
  if (!read.success) {
    const faults = read.error.issues.map(
      (issue) => `${issue.path.join('.') || '(file)'}: ${reasonIn(issue)}`,
    );
    throw faulty(`${file} names no engines: ${faults.join('; ')}`);
  }
  if (Object.keys(read.data.engines).length > 0) return read.data.engines;
  throw faulty(`${file} names no engines: engines: it is empty`);
}

/** Of a name, what its rule says; of a union, all that it may be. */
function reasonIn(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => message).join(', ');
  if (issue.code === 'invalid_union') return 'must be an address, or { context: <name> }';
  return issue.message;
}

const faulty = (message: string): LabError =>
  new LabError(
    'ENGINE_ADDRESS_INVALID',
    message,
    'Write it as engines: { a: unix:///run/a.sock, b: ssh://ops@host-b, c: { context: prod } }, in YAML or JSON.',
  );
