/** A range of ports, both ends included, as it is typed: 61000-65535. */
import { parsePort } from '../wire/flow';

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export const portsIn = ({ first, last }: PortRange): number => Math.max(0, last - first + 1);

export const hasPort = ({ first, last }: PortRange, port: number): boolean => first <= port && port <= last;

/** What two ranges have in common; `first` above `last` when that is nothing. */
export const overlapOf = (one: PortRange, other: PortRange): PortRange => ({
  first: Math.max(one.first, other.first),
  last: Math.min(one.last, other.last),
});

export const formatRange = ({ first, last }: PortRange): string => `${first}-${last}`;

/** `first-last`, or undefined when `text` is no such thing, or the first is above the last. */
export function parseRange(text: string): PortRange | undefined {
  const [first, last, ...rest] = text.split('-').map(parsePort);
  return first === undefined || last === undefined || rest.length > 0 || first > last
    ? undefined
    : { first, last };
}
