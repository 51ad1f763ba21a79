/** Other builds of tcpcopy and intercept, which a lab has in the place of ours. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { architecturesOf, flavourSaid, flavours, unusableIn, type Flavour } from '../../plan/flavour';
import type { Topology } from '../../topology/types';
import { docker } from '../docker/connection';
import { LabError } from '../docker/errors';
import type { Components, LabIdentity } from '../docker/labels';

export interface ComponentsChoice {
  /** Absolute. */
  readonly directory: string;
  /** Undefined when the programs are to be asked. */
  readonly flavour: Flavour | undefined;
}

/** Where nodes have the directory; their `tcpcopy` and `intercept` look there first (images/sbin). */
export const componentsPlace = '/opt/tcpcopy-lab/components';

const programs = ['tcpcopy', 'intercept'] as const;
type ProgramName = (typeof programs)[number];

/** Rejects when the directory does not hold both programs. Only reads, and needs no engine. */
export async function assertPrograms(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new LabError(
      'COMPONENTS_UNUSABLE',
      found ? `${directory} is not a directory.` : `There is no directory ${directory}.`,
      'Give the directory that holds the programs tcpcopy and intercept.',
    );
  }
  for (const name of programs) {
    const file = join(directory, name);
    const program = await stat(file).catch(() => undefined);
    if (!program?.isFile()) {
      throw new LabError(
        'COMPONENTS_UNUSABLE',
        `There is no program ${file}.`,
        `Copy both programs into one directory, as tcpcopy and intercept.`,
      );
    }
    if ((program.mode & 0o111) === 0)
      throw new LabError('COMPONENTS_UNUSABLE', `${file} is not executable.`, `chmod +x ${file}`);
  }
}

/** Of programs that are there, as they say themselves where nobody else does. */
export async function flavourOf({ directory, flavour }: ComponentsChoice, image: string): Promise<Flavour> {
  return flavour ?? (await askForFlavour(directory, image));
}

/** Rejects when the programs are not there, say nothing that we know, or are for another architecture. */
export async function resolveComponents(
  choice: ComponentsChoice,
  topology: Topology,
  image: string,
): Promise<Components> {
  const flavour = await flavourOf(choice, image);
  assertUsable(topology, flavour);
  return { directory: choice.directory, flavour };
}

export function assertUsable(topology: Topology, flavour: Flavour): void {
  const [unusable] = unusableIn(topology, flavour);
  if (unusable === undefined) return;
  const others = flavours.filter((other) => architecturesOf[other].includes(unusable));
  throw new LabError(
    'FLAVOUR_UNUSABLE',
    `Topology ${topology.name} has a copy of the architecture ${unusable}, which programs of flavour ${flavour} are not for.`,
    `Give programs of flavour ${others.join(' or ')}, or a topology of the architecture ${architecturesOf[flavour].join(' or ')}.`,
  );
}

/** Throws when a lab that runs has other programs than those that are asked for. */
export function assertSame({ name, components }: LabIdentity, wanted: ComponentsChoice): void {
  const same =
    components?.directory === wanted.directory &&
    (wanted.flavour === undefined || components.flavour === wanted.flavour);
  if (same) return;
  const runs = components ? `those of ${components.directory} (flavour ${components.flavour})` : 'ours';
  throw new LabError(
    'COMPONENTS_DIFFER',
    `Lab ${name} is running with other programs: ${runs}.`,
    `\`lab down ${name}\` first, or choose another name with --name.`,
  );
}

async function askForFlavour(directory: string, image: string): Promise<Flavour> {
  const answers = await Promise.all(programs.map((program) => versionSaid(directory, program, image)));
  const [tcpcopy, intercept] = answers.map(flavourSaid);
  if (tcpcopy !== undefined && tcpcopy === intercept) return tcpcopy;
  const mend = `Say what they are with --flavour ${flavours.join(', ')}.`;
  if (tcpcopy !== undefined && intercept !== undefined) {
    const message = `In ${directory}, tcpcopy is of flavour ${tcpcopy} and intercept of flavour ${intercept}.`;
    throw new LabError('FLAVOUR_UNKNOWN', message, `Take both from the same build. ${mend}`);
  }
  const silent = tcpcopy === undefined ? 0 : 1;
  const said = answers[silent]!.trim().slice(0, 200) || '(nothing)';
  throw new LabError(
    'FLAVOUR_UNKNOWN',
    `${join(directory, programs[silent])} -v says nothing that tells its flavour: ${said}`,
    mend,
  );
}

/** Asked where it is to run, and with nothing within reach: what it needs may not be on this host. */
async function versionSaid(directory: string, program: ProgramName, image: string): Promise<string> {
  const output = new PassThrough();
  const said = text(output);
  await docker().run(image, [`${componentsPlace}/${program}`, '-v'], output, {
    Tty: true,
    HostConfig: {
      AutoRemove: true,
      NetworkMode: 'none',
      CapDrop: ['ALL'],
      ReadonlyRootfs: true,
      Binds: [`${directory}:${componentsPlace}:ro`],
    },
  });
  output.end();
  return said;
}
