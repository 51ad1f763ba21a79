/** The connections to Docker engines: to the one of DOCKER_HOST or the usual socket, or to those that were named. */
import Docker from 'dockerode';
import { clientAt, ownAddress } from './client';
import { LabError, reasonOf } from './errors';
import { inTime } from './in-time';

/** A Docker engine that labs stand on. */
export interface Engine {
  /** As topologies call it. */
  readonly name: string;
  /** `unix:///run/a.sock`, `tcp://198.19.0.1:2375`, `ssh://ops@host-b`, `context:prod`. */
  readonly address: string;
  readonly api: Docker;
}

/** Of the only engine, which no topology has to name. */
export const HERE = 'here';

let known: readonly Engine[] | undefined;
let building: Docker | undefined;

/** All of them; what spans them is made on the first. Asks nothing of them. */
export function engines(): readonly Engine[] {
  known ??= [{ name: HERE, address: ownAddress(), api: new Docker() }];
  return known;
}

/** The engine that builds images, for itself and for others. */
export const docker = (): Docker => building ?? engines()[0]!.api;

/**
 * Labs stand on these from now on. This machine's own engine builds their images, where one answers: others may have no way to
 * Debian's packages.
 *
 * @param addresses by name, at least one
 * @throws LabError `ENGINE_ADDRESS_INVALID`
 */
export async function useEngines(addresses: Readonly<Record<string, string>>): Promise<void> {
  refuseTwice(addresses);
  const named = Object.entries(addresses).map(([name, address]) => ({
    name,
    address,
    api: clientAt(address),
  }));
  const own = new Docker();
  const answers = await own.ping().then(
    () => true,
    () => false,
  );
  building = answers ? own : undefined;
  known = named;
}

function refuseTwice(addresses: Readonly<Record<string, string>>): void {
  const names = Object.keys(addresses);
  for (const [place, name] of names.entries()) {
    const same = names.slice(0, place).find((one) => addresses[one] === addresses[name]);
    if (same === undefined) continue;
    throw new LabError(
      'ENGINE_ADDRESS_INVALID',
      `Engines ${same} and ${name} are one and the same, ${addresses[name]}.`,
      'Name each engine once.',
    );
  }
}

/** Makes engines known that a lab says it stands on. @returns false when all of them were known */
export function learnEngines(addresses: Readonly<Record<string, string>>): boolean {
  const names = engines().map(({ name }) => name);
  const further = Object.entries(addresses).filter(([name]) => !names.includes(name));
  const added = further.map(([name, address]) => ({ name, address, api: clientAt(address) }));
  known = [...engines(), ...added];
  return added.length > 0;
}

/** @throws LabError `ENGINE_UNKNOWN` */
export function engineNamed(name: string): Engine {
  const engine = engines().find((one) => one.name === name);
  if (engine) return engine;
  const names = engines().map((one) => one.name);
  throw new LabError(
    'ENGINE_UNKNOWN',
    `No engine is called ${name}; known: ${names.join(', ')}.`,
    `Say where it is: --engine ${name}=unix:///run/${name}.sock, or ssh://user@host.`,
  );
}

/** The engine that a container or a network is on. */
export function engineOf({ modem }: { readonly modem: unknown }): Engine {
  return engines().find(({ api }) => api.modem === modem)!;
}

/** What is on each of several engines. @param handleOf what tells the engine of one */
export function byEngine<T>(
  all: readonly T[],
  handleOf: (one: T) => { readonly modem: unknown },
): Map<Engine, T[]> {
  const groups = new Map<Engine, T[]>();
  for (const one of all) {
    const engine = engineOf(handleOf(one));
    groups.set(engine, [...(groups.get(engine) ?? []), one]);
  }
  return groups;
}

/** What is asked of the engine of a container. @throws LabError `ENGINE_UNREACHABLE` where it does not answer, or not in time */
export async function onEngineOf<T>(
  part: { readonly modem: unknown },
  ask: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const engine = engineOf(part);
  try {
    return await inTime(engine, ask);
  } catch (cause) {
    // What an engine says has a status; without one there was no answer.
    if ((cause as { statusCode?: number }).statusCode !== undefined) throw cause;
    throw unanswering(engine, reasonOf(cause), cause);
  }
}

/** @param reason half a sentence */
export function unanswering({ name, address }: Engine, reason: string, cause?: unknown): LabError {
  const what = `Engine ${name} (${address}) does not answer any more: ${reason}.`;
  const mend = 'Once it is back, `lab down` removes what is left there.';
  return new LabError('ENGINE_UNREACHABLE', what, mend, { cause });
}

const versions = new Map<Engine, Promise<string>>();

/** The newest version of its API that an engine speaks, for example 1.41. */
export function apiVersion(engine: Engine): Promise<string> {
  const asked = versions.get(engine);
  if (asked) return asked;
  const version = engine.api.version().then(({ ApiVersion }) => ApiVersion);
  version.catch(() => versions.delete(engine));
  versions.set(engine, version);
  return version;
}

/** Rejects with a mend when one of the engines does not answer, or labs cannot be built on it. */
export async function assertEngineAnswers(): Promise<void> {
  await Promise.all(engines().map(assertAnswers));
}

/** The same where none of them does: what is left of a lab can be removed on those that do. */
export async function assertSomeEngineAnswers(): Promise<void> {
  const answers = await Promise.allSettled(engines().map(assertAnswers));
  const [first] = answers;
  if (first?.status === 'rejected' && answers.every(({ status }) => status === 'rejected'))
    throw first.reason;
}

interface Version {
  readonly Components?: readonly { readonly Name: string; readonly Version: string }[];
}

async function assertAnswers(engine: Engine): Promise<void> {
  const { name, address } = engine;
  // Its types know of no options.
  const api = engine.api as unknown as { version(options: object): Promise<Version> };
  let version: Version;
  try {
    version = await inTime(engine, (abortSignal) => api.version({ abortSignal }));
  } catch (cause) {
    const isOwn = name === HERE;
    throw new LabError(
      'ENGINE_UNREACHABLE',
      `No Docker engine answers at ${address}${isOwn ? '' : `: ${reasonOf(cause)}`}.`,
      isOwn
        ? 'Install and start one (in a checkout: `make bootstrap`), or set DOCKER_HOST.'
        : `Start it, or say where it is: --engine ${name}=…`,
      { cause },
    );
  }
  const podman = version.Components?.find(({ Name }) => Name === 'Podman Engine');
  if (podman)
    throw new LabError(
      'ENGINE_UNSUPPORTED',
      `Podman ${podman.Version} answers at ${address}: labs need Docker's own engine.`,
      'Set DOCKER_HOST to the socket of one; `make bootstrap` installs and starts it.',
    );
}
