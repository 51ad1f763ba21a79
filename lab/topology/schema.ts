/** The form of a topology, for files that TypeScript has not seen: JSON, or a module written without `defineTopology`. */
import { z } from 'zod';
import type { TopologyFault } from './faults';
import { load, outside, server, tellingKeys } from './schema-server';
import type { TopologyFile } from './types';

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/)
  .meta({ description: 'Lower-case letters, digits and dashes, beginning with a letter, at most 31.' });

const device = z.string().regex(/^[\w.@-]{1,15}$/);

const machine = z.strictObject({
  ssh: z
    .string()
    .regex(/^(?!-)[\w.@:/%[\]-]+$/)
    .meta({ description: 'As ssh takes it: ops@host, a name of its configuration, ssh://ops@host:2222.' }),
  device: device.meta({ description: "Its device that has the node's address." }),
});

const network = z.strictObject({
  subnet: z.string().meta({ description: 'CIDR within 198.18.0.0/15, for example 198.18.10.0/24.' }),
  subnet6: z
    .string()
    .optional()
    .meta({ description: 'A /64 within 2001:2::/48, for example 2001:2:0:10::/64.' }),
  internal: z
    .boolean()
    .meta({ description: "Nothing may leave the machine; false of machines' own network." }),
  device: device
    .optional()
    .meta({ description: "Of machines' own network: the device by which nodes in containers are on it." }),
  ownSourcesOnly: z
    .boolean()
    .optional()
    .meta({ description: 'Drop packets under an address that their sender does not have, as clouds do.' }),
});

const node = z.strictObject({
  role: z.enum(['client', 'online', 'test', 'assistant', 'router']),
  network: z.string().meta({ description: 'Name of one of the networks.' }),
  address: z.string().meta({ description: "IPv4 address within the network's subnet." }),
  networks: z
    .record(name, z.string())
    .optional()
    .meta({ description: 'Name of a further network -> the address there.' }),
  address6: z.string().optional().meta({ description: "IPv6 address within the network's subnet6." }),
  networks6: z
    .record(name, z.string())
    .optional()
    .meta({ description: 'Name of a further network -> the IPv6 address there.' }),
  sources: z
    .string()
    .optional()
    .meta({ description: 'Of clients: CIDR of further addresses, from which the load of verify comes.' }),
  on: z
    .union([name, machine])
    .optional()
    .meta({ description: 'Name of the engine that it runs on, where there are several; or a machine.' }),
  server: server.optional(),
});

const link = z.strictObject({
  loss: z.number().optional().meta({ description: 'Percent of the packets, in tenths, at most 30.' }),
  rate_mbit: z.number().optional().meta({ description: 'What a node can send, Mbit/s.' }),
  delay_ms: z.number().optional().meta({ description: 'How much longer a packet takes.' }),
  reorder: z.number().optional().meta({ description: 'Percent of what is to be delayed that is not.' }),
  seed: z.int().optional().meta({ description: 'Which packets are lost, and which overtake (default 1).' }),
});

const options = z.array(z.string().min(1));

const copy = z.strictObject({
  architecture: z.enum(['traditional', 'data-link', 'offline']),
  from: z.string().meta({ description: 'Name of an online node that has a server.' }),
  to: z.string().meta({ description: 'Name of a test node that has a server.' }),
  family: z
    .union([z.literal(4), z.literal(6)])
    .optional()
    .meta({ description: 'Clients of this family only (default: of each that both servers have).' }),
  guard: z
    .enum(['rule', 'intercept'])
    .optional()
    .meta({ description: 'Who puts the rule there: the plan (default), or intercept; traditional only.' }),
  routes: z
    .array(
      z.strictObject({
        sources: z.string().meta({ description: 'CIDR: addresses that copies are sent from.' }),
        via: z.string().meta({ description: 'Name of an assistant node.' }),
      }),
    )
    .optional()
    .meta({ description: 'Where the test server sends its responses; data-link only.' }),
  tcpcopy: options.optional().meta({ description: 'Further arguments of tcpcopy, as typed.' }),
  intercept: options.optional().meta({ description: 'Further arguments of intercept, as typed.' }),
});

const topology = z
  .strictObject({
    name,
    description: z.string().min(1).meta({ description: 'One sentence: what this topology teaches.' }),
    networks: z.record(name, network),
    nodes: z.record(name, node),
    copies: z.array(copy),
    links: z.record(name, link).optional().meta({ description: 'Name of a network -> what impairs it.' }),
    outside: z
      .record(z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/), outside)
      .optional()
      .meta({ description: "Name or IPv4 address -> what becomes of the test services' calls to it." }),
    load: load
      .optional()
      .meta({ description: "What `verify` plays and proves in the place of the lab's own load." }),
  })
  .meta({ title: 'Topology of a tcpcopy lab' });

/** The schema as JSON Schema, for editors and other programs. */
export function topologyJsonSchema(): object {
  return z.toJSONSchema(topology);
}

export type FormResult =
  | { readonly ok: true; readonly topology: TopologyFile }
  | { readonly ok: false; readonly faults: readonly TopologyFault[] };

/** Checks the form only: what is there, and of which kind. */
export function checkForm(candidate: unknown): FormResult {
  const result = topology.safeParse(candidate, { reportInput: true });
  if (result.success) return { ok: true, topology: result.data as TopologyFile };
  return { ok: false, faults: result.error.issues.flatMap(faultsFrom) };
}

function faultsFrom(issue: z.core.$ZodIssue): TopologyFault[] {
  const place = issue.path.map(String).join('.') || '(topology)';
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      place: issue.path.length > 0 ? `${place}.${key}` : key,
      message: `nothing of that name belongs here`,
      mend: 'Remove it, or correct its spelling (`lab schema` prints what there is).',
    }));
  }
  if (issue.code === 'invalid_union') return faultsOfForms(issue, place);
  return [{ place, message: issue.message, mend: mendFor(issue) }];
}

/** Of several forms the one is meant whose key is there. */
function faultsOfForms(issue: z.core.$ZodIssueInvalidUnion, place: string): TopologyFault[] {
  if (issue.path.at(-1) === 'on') return faultsOfPlace(issue, place);
  const isOutside = issue.path.length === 2 && issue.path[0] === 'outside';
  const isAnswer = issue.path.length === 3 && issue.path[0] === 'outside';
  const forms = isOutside ? 'outside' : String(issue.path.at(-1));
  const keys = (tellingKeys[forms] ?? []).filter((key) => !isAnswer || key === 'image' || key === 'build');
  const given = typeof issue.input === 'object' && issue.input !== null ? Object.keys(issue.input) : [];
  const meant = issue.errors[keys.findIndex((key) => given.includes(key))];
  if (!meant) {
    const message = `it has none of ${keys.join(', ')}`;
    return [{ place, message, mend: `Say what it is by one of these.` }];
  }
  return meant.flatMap((inner) => faultsFrom({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** Where a node is: a word, or a machine. */
function faultsOfPlace(issue: z.core.$ZodIssueInvalidUnion, place: string): TopologyFault[] {
  const meant = issue.errors[typeof issue.input === 'object' && issue.input !== null ? 1 : 0]!;
  return meant
    .flatMap((inner) => faultsFrom({ ...inner, path: [...issue.path, ...inner.path] }))
    .map((fault) => ({
      ...fault,
      mend: `Name an engine (on: 'b'), or a machine: on: { ssh: 'ops@host', device: 'eth0' }.`,
      place: fault.place === '' ? place : fault.place,
    }));
}

function mendFor(issue: z.core.$ZodIssue): string {
  const last = issue.path.at(-1);
  if (last === 'port' || last === 'tcp') return 'Give a whole number from 1 to 65535.';
  if (last === 'internal')
    return "Write true: a network of a lab must not reach out of this machine. Of machines' own network write false.";
  if (issue.code === 'invalid_key' && issue.path[0] === 'outside')
    return 'Write a name as services ask for it, in lower-case letters, or an IPv4 address: without port and scheme.';
  if (issue.code === 'invalid_key')
    return 'Use lower-case letters, digits and dashes, beginning with a letter, at most 31.';
  if (last === 'name')
    return 'Use lower-case letters, digits and dashes, beginning with a letter, at most 31.';
  if (issue.code === 'invalid_value') return `Write one of: ${issue.values.map(String).join(', ')}.`;
  return 'See `lab schema` for the form.';
}
