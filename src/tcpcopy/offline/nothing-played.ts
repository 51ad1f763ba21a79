/** Why nothing of a capture was played, what is in it instead, and what to do. */
import type { CapturedEndpoint } from '../../capture/filter';
import type { Counted, Findings, SurveyedServer } from '../../capture/file/survey';
import { formatAddress } from '../../wire/address/address';
import { formatEndpoint } from '../../wire/flow';

export interface NothingPlayed {
  /** The rest of a sentence that begins with "nothing was replayed". */
  readonly why: string;
  /** What the capture holds, most of it first. */
  readonly holds: readonly string[];
  readonly next: string;
}

export interface Unplayed {
  readonly endpoints: readonly CapturedEndpoint[];
  readonly findings: Findings;
  /** Packets in the capture, and those of clients to the endpoints. */
  readonly packets: number;
  readonly segments: number;
  /** Where it would be played, as `-x` names it. */
  readonly test: string;
}

const NAMED_MAX = 5;

export function whyNothing(unplayed: Unplayed): NothingPlayed {
  return { ...reasonOf(unplayed), holds: holdingsOf(unplayed) };
}

function reasonOf(unplayed: Unplayed): Omit<NothingPlayed, 'holds'> {
  const { endpoints, findings, packets, segments, test } = unplayed;
  const wanted = endpoints.map(nameOf).join(', ');
  const { servers, unsupported, encapsulations } = findings;
  if (packets === 0)
    return {
      why: 'for there are no packets in it',
      next: 'capture again, with tcpdump for example, which says at its end how many packets it has captured',
    };
  if (segments > 0)
    return {
      why: `for of connections to ${wanted} it has the middle only: neither a beginning nor a whole request`,
      next: 'begin to capture before the connections begin, or let them go on: they are joined at their next request',
    };
  const same = servers.filter(({ port }) => endpoints.some((endpoint) => endpoint.port === port));
  const answers = same.find(
    (server) => server.fromClients === 0 && endpoints.some((one) => isFor(one, server)),
  );
  if (answers)
    return {
      why: `for it has the answers of ${serverName(answers)} only, not what clients said`,
      next: "capture what comes in as well: tcpdump's filter must not name the source, and -Q not a direction",
    };
  const [elsewhere] = same;
  if (elsewhere)
    return {
      why: `for nothing in it is for ${wanted}, but ${connections(elsewhere)} for ${serverName(elsewhere)}`,
      next: `name that address, or the port alone: -x ${elsewhere.port}-${test}`,
    };
  const [most] = servers;
  if (most)
    return {
      why: `for nothing in it is for ${wanted}, but ${connections(most)} for ${serverName(most)}`,
      next: `name what is to be played, for example -x ${most.port}-${test}`,
    };
  const [hidden] = unsupported;
  if (hidden)
    return {
      why: `for its packets are in ${hidden.name}, which cannot be taken off${encapsulations.length > 0 ? ` (${list(encapsulations)} can)` : ''}`,
      next: 'capture where the packets are not in it: on the online server itself',
    };
  return {
    why: `for there is no TCP in it: ${list([...findings.others, ...findings.linkTypes])}`,
    next: `capture what clients say to ${wanted}: tcpdump -i any tcp and port ${endpoints[0]!.port} -s 0 -w …`,
  };
}

function holdingsOf({ findings }: Unplayed): string[] {
  const { linkTypes, encapsulations, unsupported, others, servers } = findings;
  const families = new Set(servers.map(({ family }) => family));
  return [
    ...(servers.length > 0
      ? [
          `TCP over IPv${[...families].sort().join(' and IPv')}: ${servers.slice(0, NAMED_MAX).map(described).join(', ')}${more(servers)}`,
        ]
      : []),
    ...(others.length > 0 ? [`packets without TCP: ${list(others)}`] : []),
    ...(encapsulations.length > 0 ? [`in encapsulations: ${list(encapsulations)}`] : []),
    ...(unsupported.length > 0 ? [`in encapsulations that cannot be taken off: ${list(unsupported)}`] : []),
    ...(linkTypes.length > 0 ? [`captured as ${list(linkTypes)}`] : []),
  ];
}

const described = (server: SurveyedServer): string =>
  `${serverName(server)} (${connections(server)}${partOf(server)})`;

function partOf({ fromClients, begun }: SurveyedServer): string {
  if (fromClients === 0) return ', answers only';
  return begun === 0 ? ', of none the beginning' : '';
}

const connections = ({ connections: count }: SurveyedServer): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? 'connection' : 'connections'}`;

const serverName = ({ family, address, port }: SurveyedServer): string =>
  family === 6 ? `[${address}]:${port}` : `${address}:${port}`;

const nameOf = ({ address, port }: CapturedEndpoint): string =>
  address === undefined ? `port ${port}` : formatEndpoint(address, port);

const isFor = ({ address, port }: CapturedEndpoint, server: SurveyedServer): boolean =>
  port === server.port && (address === undefined || formatAddress(address) === server.address);

const list = (counted: readonly Counted[]): string =>
  counted
    .slice(0, NAMED_MAX)
    .map(({ name, count }) => `${name} ${count.toLocaleString('en-US')}`)
    .join(', ') + more(counted);

const more = ({ length }: readonly unknown[]): string =>
  length > NAMED_MAX ? ` and ${length - NAMED_MAX} more` : '';
