/** The card that ends `lab up`: who is where, what was typed in there, and what to type next. */
import { planFor } from '../../plan/plan';
import type { Components } from '../../engine/docker/labels';
import { byHandLines } from '../../plan/render';
import { quoted } from '../../plan/words';
import { serverWords } from '../../plan/services';
import { speechOf } from '../../topology/servers/speech';
import type { Topology } from '../../topology/types';
import { table } from './output';

export interface CardOptions {
  readonly bare: boolean;
  /** The programs that are there in the place of ours. */
  readonly components?: Components | undefined;
  /** No other lab runs: commands find this one without its name. */
  readonly alone: boolean;
  /** An engine by which commands find it, as it is said to them; undefined where it is this machine's own. */
  readonly engine?: string | undefined;
}

/** Text for a terminal, without a line break at its end. */
export function card(
  lab: string,
  topology: Topology,
  { bare, components, alone, engine }: CardOptions,
): string {
  const nodes = Object.entries(topology.nodes).map(([name, { role, address, address6, server }]) => [
    `  ${name}`,
    role,
    address6 === undefined ? address : `${address}, ${address6}`,
    server ? `${serverWords(server)} on port ${server.port}` : '',
  ]);
  const plan = planFor(topology, { flavour: components?.flavour ?? 'ours' });
  const copy = plan.steps.flatMap(({ id, action }) =>
    action.kind === 'command' && !/^(server|way-out):/.test(id)
      ? [[`  on ${action.node}:`, quoted(action.argv)]]
      : [],
  );
  const way = engine === undefined ? '' : ` --engine ${engine}`;
  const option = `${alone ? '' : ` --name ${lab}`}${way}`;
  const client = Object.entries(topology.nodes).find(([, { role }]) => role === 'client')?.[0];
  const next = [
    ...(client === undefined
      ? []
      : request(topology).map((line) => [
          `  ./bin/lab exec${option} ${client} -- ${line}`,
          'a request of your own',
        ])),
    ...(bare ? [] : [ask(topology, lab, option, way)]),
    [`  ./bin/lab status${option}`, 'what runs'],
    [`  ./bin/lab down ${lab}${way}`, 'remove it all'],
  ];
  return [
    '',
    `${lab}: ${topology.description}`,
    '',
    table(nodes),
    '',
    ...(components ? [`${componentsLine(components)}.`, ''] : []),
    bare ? 'The copy is yours to set up, in this order:' : 'What was run in them:',
    table(copy),
    ...(plan.byHand.length > 0 ? ['', 'And by hand:', ...byHandLines(plan.byHand)] : []),
    '',
    'Next:',
    table(next),
  ].join('\n');
}

/** Half a sentence. */
export const componentsLine = ({ directory, flavour }: Components): string =>
  `tcpcopy and intercept are those of ${directory} (flavour ${flavour})`;

/** What proves that the copy does what it should. */
function ask({ copies }: Topology, lab: string, option: string, way: string): string[] {
  if (!copies.some(({ architecture }) => architecture === 'offline'))
    return [`  ./bin/lab verify${option}`, 'is the copy exact, and does nothing leak?'];
  return [
    `  ./bin/lab replay --name ${lab}${way} <file>`,
    'is all of a capture played, and does nothing leak?',
  ];
}

/** One request that the first copied server understands, if it is known what that is. */
function request(topology: Topology): string[] {
  const online = topology.copies[0]?.from ?? '';
  const server = topology.nodes[online]?.server;
  const speech = server && speechOf(server);
  if (server === undefined || speech === undefined) return [];
  if (speech === 'redis') return [`redis-cli -h ${online} -p ${server.port} set greeting hello`];
  const port = server.port === 80 ? '' : `:${server.port}`;
  const protocol = speech === 'http2' ? ' --http2-prior-knowledge' : '';
  return [`curl -s${protocol} http://${online}${port}/hello`];
}
