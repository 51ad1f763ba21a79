/**
 * What tells one request from every other: text within its own bytes, so that it can be found again wherever the
 * bytes arrive. It reads `<purpose>/<run>/<connection>-<index>`.
 */

/** `lab`: requests that are copied. `direct`: requests that a client on the passlist sends to the test server itself. */
export type Purpose = 'lab' | 'direct';

export function identityOf(purpose: Purpose, run: string, connection: number, index: number): string {
  return `${purpose}/${run}/${connection}-${index}`;
}

export interface IdentityParts {
  readonly connection: number;
  readonly index: number;
}

export function partsOf(identity: string): IdentityParts | undefined {
  const found = /\/(\d+)-(\d+)$/.exec(identity);
  return found ? { connection: Number(found[1]), index: Number(found[2]) } : undefined;
}

/** A run's name; its length is fixed, so that equal seeds give requests of equal lengths. */
export const RUN_PATTERN = /^[a-z0-9]{8}$/;
