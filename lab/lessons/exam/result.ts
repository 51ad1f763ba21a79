/** What an exam ended with: a file that tells who, when, in which lab, and whether it was changed since. Pure. */
import { createHash } from 'node:crypto';
import { z } from 'zod';

const fields = {
  version: z.literal(1),
  seed: z.number().int().min(0),
  who: z.string(),
  lab: z.string(),
  /** Unique to the start of the lab. */
  run: z.string(),
  /** ISO 8601, UTC. */
  begun: z.string(),
  checked: z.string(),
  /** How often was checked, this time included. */
  checks: z.number().int().min(0),
  verdict: z.enum(['passed', 'failed', 'restarted', 'given-up']),
  /** What the lab's own proofs had against it. */
  reasons: z.array(z.string()),
};

const unsealed = z.object(fields);
export const examResultSchema = z.object({ ...fields, digest: z.string() });

export type ExamFacts = z.infer<typeof unsealed>;
export type ExamResult = z.infer<typeof examResultSchema>;

/** The fields in the order of the schema, whatever order a file has them in. */
const digestOf = (facts: ExamFacts): string =>
  createHash('sha256')
    .update(JSON.stringify(unsealed.parse(facts)))
    .digest('hex');

export const sealed = (facts: ExamFacts): ExamResult => ({ ...facts, digest: digestOf(facts) });

/** Against what happens by accident, and to whoever edits a number; not against forgers, who can compute it as well. */
export const isIntact = (result: ExamResult): boolean => digestOf(result) === result.digest;

export const secondsOf = ({ begun, checked }: ExamFacts): number =>
  Math.round((Date.parse(checked) - Date.parse(begun)) / 1000);
