/** Many addresses of one client, and which of them a connection comes from. */

export interface SourceRange {
  /** Host order, the lowest address. */
  readonly base: number;
  readonly size: number;
}

/** Has no divisor in common with a power of two, so that connections go through all addresses. */
const STRIDE = 997;

/** @returns undefined when the text is not CIDR with no host bits set */
export function parseSourceRange(text: string): SourceRange | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number);
  const base = ((a * 256 + b) * 256 + c) * 256 + d;
  const size = 2 ** (32 - prefix);
  return Math.max(a, b, c, d) <= 255 && prefix <= 32 && base % size === 0 ? { base, size } : undefined;
}

/** As dotted decimal. */
export function sourceOf({ base, size }: SourceRange, connection: number): string {
  const address = base + ((connection * STRIDE) % size);
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}
