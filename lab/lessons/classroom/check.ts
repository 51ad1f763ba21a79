/** What must be so in a lab, and what is there instead: nothing that somebody typed counts, only what is. */
import { setTimeout as sleep } from 'node:timers/promises';
import { filled, type Language, type Words } from '../words/language';
import { Look, type Classroom } from './classroom';

export interface Seen {
  readonly held: boolean;
  /** What was seen, in the words of the tools. */
  readonly seen: string;
}

export interface Check {
  /** What holds when it passes, as a sentence. */
  readonly holds: Words;
  readonly ask: (look: Look) => Promise<Seen>;
}

export interface Checked extends Seen {
  readonly holds: string;
}

const PAUSE_MS = 150;

/**
 * @param patience_ms how long what does not hold yet may take to come about
 * @returns one for each check, in their order
 */
export async function askChecks(
  room: Classroom,
  checks: readonly Check[],
  { language, patience_ms }: { readonly language: Language; readonly patience_ms: number },
): Promise<Checked[]> {
  const deadline_ms = performance.now() + patience_ms;
  for (;;) {
    const look = new Look(room);
    const checked: Checked[] = [];
    for (const { holds, ask } of checks)
      checked.push({ holds: filled(holds[language], room.places), ...(await ask(look)) });
    if (checked.every(({ held }) => held) || performance.now() > deadline_ms) return checked;
    await sleep(PAUSE_MS);
  }
}
