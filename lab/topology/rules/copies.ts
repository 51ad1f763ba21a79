/** What is wrong with the copies of a topology: nodes that cannot play their part, and options that cannot be passed on. */
import type { TopologyFault } from '../faults';
import { familiesOf } from '../families';
import { addressIn } from '../ways';
import { faultsOfRoutes } from './routes';
import type { AnyTopology, Role, TopologyCopy } from '../types';

/** Where tcpcopy and intercept talk; no copied server may take it. */
export const controlPort = 36524;

export function faultsOfCopies(topology: AnyTopology): TopologyFault[] {
  return [
    ...topology.copies.flatMap((copy, index) => faultsOfCopy(topology, copy, `copies.${index}`)),
    ...faultsOfSharedNodes(topology.copies),
  ];
}

function faultsOfCopy(topology: AnyTopology, copy: TopologyCopy, place: string): TopologyFault[] {
  const faults = [
    ...faultsOfPart(topology, copy.from, 'online', `${place}.from`),
    ...faultsOfPart(topology, copy.to, 'test', `${place}.to`),
    ...faultsOfArguments(copy.tcpcopy, tcpcopyOptions[copy.architecture], `${place}.tcpcopy`),
    ...faultsOfArguments(copy.intercept, interceptOptions[copy.architecture], `${place}.intercept`),
  ];
  if (copy.guard !== undefined && copy.architecture !== 'traditional') {
    const message = 'only a traditional copy has a rule that somebody puts there';
    faults.push({
      place: `${place}.guard`,
      message,
      mend: 'Remove it, or make the architecture traditional.',
    });
  }
  if (copy.architecture !== 'data-link' && copy.guard === undefined) {
    const auto = (copy.intercept ?? []).findIndex(
      (argument, index, all) =>
        argument === '--workers=auto' || (argument === 'auto' && all[index - 1] === '--workers'),
    );
    if (auto >= 0)
      faults.push({
        place: `${place}.intercept.${auto}`,
        message:
          'the rule has to lead to a queue of each worker, and how many they are only the test server knows',
        mend: "Say how many, or guard: 'intercept'.",
      });
  }
  if (faults.length === 0) faults.push(...faultsOfFamily(topology, copy, place));
  const routes = copy.routes ?? [];
  if (copy.architecture !== 'data-link') {
    if (routes.length === 0) return faults;
    const mend = 'Remove them, or make the architecture data-link.';
    return [...faults, { place: `${place}.routes`, message: 'a copy of this kind has no routes', mend }];
  }
  if (routes.length === 0) {
    const mend = `Add one by way of an assistant. There are: ${namesOf(topology, 'assistant')}.`;
    return [
      ...faults,
      { place: `${place}.routes`, message: 'a data-link copy needs a route to an assistant', mend },
    ];
  }
  const unfit = routes.flatMap(({ via }, index) =>
    faultsOfPart(topology, via, 'assistant', `${place}.routes.${index}.via`),
  );
  if (unfit.length > 0 || faults.length > 0) return [...faults, ...unfit];
  return faultsOfRoutes(topology, copy, `${place}.routes`);
}

/** Of a copy between nodes that are there. */
function faultsOfFamily(topology: AnyTopology, copy: TopologyCopy, place: string): TopologyFault[] {
  const { from, to, family } = copy;
  if (familiesOf(topology, copy).length > 0) return [];
  const lacking = [from, to].filter((name) => addressIn(topology.nodes[name]!, family ?? 4) === undefined);
  const message = `${lacking.join(' and ')} ${lacking.length > 1 ? 'have' : 'has'} no IPv${family ?? 4} address`;
  const mend = 'Give the network a subnet6, and its nodes an address6; or remove family.';
  return [{ place: `${place}.family`, message, mend }];
}

/** What the plan writes itself. */
const tcpcopyOptions = {
  traditional: ['-x', '-s', '-d', '-p'],
  'data-link': ['-x', '-s', '-d', '-p'],
  offline: ['-i', '-x', '-s', '-d', '-p'],
} as const;
const interceptOptions = {
  traditional: ['-x', '-b', '-d', '-p', '-i', '-F', '--guard'],
  'data-link': ['-i', '-F', '-d', '-p', '-x'],
  offline: ['-b', '-d', '-p', '-i', '-F'],
} as const;

function faultsOfPart(topology: AnyTopology, name: string, role: Role, place: string): TopologyFault[] {
  const node = Object.hasOwn(topology.nodes, name) ? topology.nodes[name] : undefined;
  const mend = `Name one of: ${namesOf(topology, role)}.`;
  if (!node) return [{ place, message: `there is no node ${name}`, mend }];
  if (node.role !== role)
    return [{ place, message: `node ${name} has the role ${node.role}, not ${role}`, mend }];
  if (role === 'assistant') return [];
  const server = `nodes.${name}.server`;
  if (!node.server) {
    const example = `server: { kind: 'nginx', port: 80 }`;
    return [
      {
        place: server,
        message: `node ${name} is copied ${role === 'online' ? 'from' : 'to'} but has no server`,
        mend: `Give it one, for example ${example}.`,
      },
    ];
  }
  if (node.server.port === controlPort) {
    const message = `port ${controlPort} is where tcpcopy and intercept talk`;
    return [{ place: `${server}.port`, message, mend: 'Choose another port.' }];
  }
  return [];
}

/** A short one may have its value behind it, a long one behind `=`. */
const isOption = (argument: string, name: string): boolean =>
  name.startsWith('--') ? argument === name || argument.startsWith(`${name}=`) : argument.startsWith(name);

/** The plan writes these options itself; a second one would contradict it. */
function faultsOfArguments(
  given: readonly string[] | undefined,
  planned: readonly string[],
  place: string,
): TopologyFault[] {
  return (given ?? []).flatMap((argument, index) => {
    const here = `${place}.${index}`;
    if (/[\n\0]/.test(argument)) {
      return [
        { place: here, message: 'an argument cannot hold a line break or a zero byte', mend: 'Remove it.' },
      ];
    }
    if (index === 0 && !argument.startsWith('-')) {
      const mend = "Write options as they are typed, one word an entry, for example '-r', '20'.";
      return [{ place: here, message: `${argument} is not an option`, mend }];
    }
    const option = planned.find((name) => isOption(argument, name));
    if (option === undefined) return [];
    return [
      {
        place: here,
        message: `${option} is written by the plan`,
        mend: 'Remove it; `lab plan` shows what it is.',
      },
    ];
  });
}

/** One tcpcopy a node, and one intercept: two would fight for the queue and the control port. */
function faultsOfSharedNodes(copies: readonly TopologyCopy[]): TopologyFault[] {
  const faults: TopologyFault[] = [];
  copies.forEach((copy, index) => {
    for (const part of ['from', 'to'] as const) {
      const first = copies.findIndex((other) => other[part] === copy[part]);
      // An assistant may hear for several online servers, whose copies the test server answers by the same routes.
      if (first === index || (part === 'to' && sameRoutes(copies[first]!, copy))) continue;
      const mend = 'Use a node of its own for each copy.';
      faults.push({
        place: `copies.${index}.${part}`,
        message: `node ${copy[part]} takes part in copies.${first} already`,
        mend,
      });
    }
  });
  return faults;
}

function sameRoutes(a: TopologyCopy, b: TopologyCopy): boolean {
  const dataLink = a.architecture === 'data-link' && b.architecture === 'data-link';
  return dataLink && JSON.stringify(a.routes) === JSON.stringify(b.routes);
}

function namesOf(topology: AnyTopology, role: Role): string {
  const names = Object.entries(topology.nodes).filter(([, node]) => node.role === role);
  return names.map(([name]) => name).join(', ') || `(no node has the role ${role})`;
}
