/** Sizes of bodies: every order of magnitude is as likely as any other, as in the traffic of most services. */
import type { Random } from './random';

export function bodySize(random: Random, max: number): number {
  return Math.min(max, Math.floor(Math.exp(random.fraction() * Math.log(max + 1))));
}
