/**
 * Whether the checksums of what clients said to an endpoint mean anything in a capture. Where it was taken on the sending
 * machine, its network card computed them later, and all of them are wrong; elsewhere a wrong one is damage, and the client
 * said the same again.
 */
import type { ChecksumFinding } from '../../wire/segment-checksum';

const RIGHT_SHARE = 0.95;
/** Of fewer a share says nothing. */
const SEEN_MIN = 20;
/** So many are looked for before one is judged, if they are to be had. */
const SEEN_ENOUGH = 1000;
const WRONG_ENOUGH = SEEN_ENOUGH * (1 - RIGHT_SHARE);

export class ChecksumEvidence {
  #right = 0;
  #wrong = 0;

  note(finding: ChecksumFinding): void {
    if (finding === 'right') this.#right += 1;
    else if (finding === 'wrong') this.#wrong += 1;
  }

  /** As far as it is known; undefined where too few were seen. */
  get counts(): boolean | undefined {
    const seen = this.#right + this.#wrong;
    return seen < SEEN_MIN ? undefined : this.#right >= seen * RIGHT_SHARE;
  }

  /** Whether it would make no difference to see more. */
  get isEnough(): boolean {
    return this.#right + this.#wrong >= SEEN_ENOUGH || this.#wrong > WRONG_ENOUGH;
  }
}
