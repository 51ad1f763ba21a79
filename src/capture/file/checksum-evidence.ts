/**
 * Whether the checksums of what clients said to an endpoint mean anything in a capture. Where it was taken on the sending
 * machine, its network card computed them later, and all of them are wrong; elsewhere a wrong one is damage, and the client
 * said the same again.
 */
import type { ChecksumFinding } from '../../wire/segment-checksum';

/** Before so many were seen, nothing is known. */
const SEEN_MIN = 20;
const RIGHT_SHARE = 0.95;

export class ChecksumEvidence {
  #right = 0;
  #wrong = 0;

  note(finding: ChecksumFinding): void {
    if (finding === 'right') this.#right += 1;
    else if (finding === 'wrong') this.#wrong += 1;
  }

  /** Undefined while too few were seen to tell. */
  get counts(): boolean | undefined {
    const seen = this.#right + this.#wrong;
    return seen < SEEN_MIN ? undefined : this.#right >= seen * RIGHT_SHARE;
  }
}
