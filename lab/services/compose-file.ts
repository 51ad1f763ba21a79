/** A Compose file as text, and a service of it with its variables put in and its form checked. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isMap, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { TopologyFault } from '../topology/faults';
import { serviceForm, type ServiceForm } from './compose-form';
import { interpolate, InterpolationError, type Variables } from './interpolate';
import { variablesIn } from './notations';

export interface ComposeFile {
  /** Absolute. */
  readonly path: string;
  /** What paths in it are relative to. */
  readonly folder: string;
  /** As they are written. */
  readonly services: Readonly<Record<string, unknown>>;
  /** Names of volumes that it declares. */
  readonly volumes: readonly string[];
  /** The environment, and a file .env beside it, which counts less. */
  readonly variables: Variables;
}

/** Of the whole file. Networks of its own are not among them: all services of a side stand on one network. */
const topKeys = ['name', 'services', 'version', 'volumes'];

/** Undefined when it cannot be read; why is among the faults then. */
export function readCompose(path: string, place: string, faults: TopologyFault[]): ComposeFile | undefined {
  const mend = "Give a Compose file by a path that is relative to the folder of the topology's file.";
  if (!existsSync(path)) {
    faults.push({ place, message: `there is no ${path}`, mend });
    return undefined;
  }
  const document = parseDocument(readFileSync(path, 'utf8'), { merge: true });
  const [error] = document.errors;
  if (error) {
    faults.push({ place: path, message: error.message.split('\n')[0]!, mend: 'Correct its YAML.' });
    return undefined;
  }
  if (!isMap(document.contents)) {
    faults.push({ place: path, message: 'it holds no services', mend });
    return undefined;
  }
  const top = document.toJS() as Record<string, unknown>;
  for (const key of Object.keys(top).filter((one) => !topKeys.includes(one) && !one.startsWith('x-')))
    faults.push(unsupported(path, key, topKeys));
  const folder = dirname(path);
  return {
    path,
    folder,
    services: mapOf(top['services']),
    volumes: Object.keys(mapOf(top['volumes'])),
    variables: { ...variablesOf(folder), ...process.env },
  };
}

/** Undefined when there is none, or it has a fault. */
export function serviceIn(file: ComposeFile, name: string, faults: TopologyFault[]): ServiceForm | undefined {
  const place = `${file.path} services.${name}`;
  if (!Object.hasOwn(file.services, name)) {
    const mend = `Name one of: ${Object.keys(file.services).join(', ') || '(it has none)'}.`;
    faults.push({ place: file.path, message: `there is no service ${name}`, mend });
    return undefined;
  }
  const before = faults.length;
  const given = withVariables(file.services[name], file.variables, place, faults);
  const own = Object.fromEntries(Object.entries(mapOf(given)).filter(([key]) => !key.startsWith('x-')));
  const { success, data, error } = serviceForm.safeParse(own);
  if (!success) faults.push(...error.issues.flatMap((issue) => faultsFrom(issue, place)));
  return faults.length === before ? data : undefined;
}

function faultsFrom(issue: z.core.$ZodIssue, place: string): TopologyFault[] {
  const within = [place, ...issue.path.map(String)].join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unsupported(within, key, Object.keys(serviceForm.shape)));
  // Of two forms the one that has a map is meant where something in it is not known.
  const nested = issue.code === 'invalid_union' ? issue.errors.flat() : [];
  const unknown = nested.filter(({ code }) => code === 'unrecognized_keys');
  if (unknown.length > 0)
    return unknown.flatMap((inner) => faultsFrom({ ...inner, path: [...issue.path, ...inner.path] }, place));
  return [{ place: within, message: issue.message, mend: 'Write it as the Compose specification has it.' }];
}

function unsupported(place: string, key: string, known: readonly string[]): TopologyFault {
  const isTop = known === topKeys;
  return {
    place: `${place}${isTop ? ' ' : '.'}${key}`,
    message: 'this key is not supported',
    mend: isTop
      ? 'Remove it in a copy of the file that is for the lab.'
      : 'Remove it in a copy of the file that is for the lab; docs/services.md names the keys that are read.',
  };
}

/** In every text within. */
function withVariables(
  value: unknown,
  variables: Variables,
  place: string,
  faults: TopologyFault[],
): unknown {
  if (typeof value === 'string') {
    try {
      return interpolate(value, variables);
    } catch (error) {
      if (!(error instanceof InterpolationError)) throw error;
      faults.push({ place, message: error.message, mend: error.mend });
      return value;
    }
  }
  if (Array.isArray(value))
    return value.map((one, index) => withVariables(one, variables, `${place}.${index}`, faults));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      withVariables(one, variables, `${place}.${key}`, faults),
    ]),
  );
}

const mapOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

function variablesOf(folder: string): Record<string, string> {
  const file = join(folder, '.env');
  return existsSync(file) ? variablesIn(readFileSync(file, 'utf8')) : {};
}
