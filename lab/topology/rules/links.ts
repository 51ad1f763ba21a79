/** What is wrong with impairments, in a topology or on a command line. */
import type { TopologyFault } from '../faults';
import type { AnyTopology, TopologyLink } from '../types';

export function faultsOfLinks({ networks, links = {} }: AnyTopology): TopologyFault[] {
  return Object.entries(links).flatMap(([name, link]) => {
    const place = `links.${name}`;
    if (Object.hasOwn(networks, name)) return faultsOfLink(link, place);
    const mend = `Use one of: ${Object.keys(networks).join(', ')}.`;
    return [{ place, message: `there is no network ${name}`, mend }];
  });
}

const SEED_MAX = 2 ** 31 - 1;

interface Range {
  readonly least: number;
  readonly most: number;
  /** How many steps there are in 1. */
  readonly steps: number;
}

const RANGES: Readonly<Record<keyof TopologyLink, Range>> = {
  loss: { least: 0.1, most: 30, steps: 10 },
  rate_mbit: { least: 1, most: 10_000, steps: 1 },
  delay_ms: { least: 0.1, most: 10_000, steps: 10 },
  reorder: { least: 0.1, most: 100, steps: 10 },
  seed: { least: 0, most: SEED_MAX, steps: 1 },
};

export function faultsOfLink(link: TopologyLink, place: string): TopologyFault[] {
  const faults = (Object.keys(RANGES) as (keyof TopologyLink)[]).flatMap((name): TopologyFault[] => {
    const value = link[name];
    const { least, most, steps } = RANGES[name];
    const isFine =
      value === undefined ||
      (value >= least && value <= most && Math.abs(value * steps - Math.round(value * steps)) < 1e-6);
    const step = steps === 1 ? '' : `, in steps of ${1 / steps}`;
    const mend = `Give a number from ${least} to ${most}${step}.`;
    return isFine ? [] : [{ place: `${place}.${name}`, message: `${value} cannot be had`, mend }];
  });
  if (link.reorder !== undefined && link.delay_ms === undefined) {
    const message = 'only what is to be delayed can be overtaken';
    faults.push({ place: `${place}.reorder`, message, mend: 'Give delay_ms as well.' });
  }
  if (Object.values({ ...link, seed: undefined }).every((value) => value === undefined))
    faults.push({ place, message: 'it impairs nothing', mend: 'Give loss, rate_mbit or delay_ms.' });
  return faults;
}
