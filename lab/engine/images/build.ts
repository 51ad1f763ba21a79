/** Builds one image through the engine's API; the docker client's own builder may be missing or newer than the engine. */
import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { docker } from '../docker/connection';
import { LabError } from '../docker/errors';

/** Path in the build context -> where it is on disk, or its content. */
export type BuildContext = Readonly<Record<string, { readonly file: string } | { readonly content: string }>>;

export interface ImageBuild {
  readonly tag: string;
  /** The path of the Dockerfile within `context`. */
  readonly dockerfile: string;
  readonly arguments: Readonly<Record<string, string>>;
  readonly context: BuildContext;
}

interface BuildEvent {
  readonly stream?: string;
  readonly error?: string;
}

/** Lines of the builder's output that an error message repeats. */
const outputKept_lines = 15;

/** Resolves when the image exists. */
export async function buildImage(build: ImageBuild, signal?: AbortSignal): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tcpcopy-lab-context-'));
  try {
    stage(folder, build.context);
    // Symbolic links are followed, so the context is never copied on disk.
    const tar = spawn('tar', ['-C', folder, '-chf', '-', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const stream = await docker().buildImage(tar.stdout, {
      t: build.tag,
      dockerfile: build.dockerfile,
      buildargs: build.arguments,
      forcerm: true,
      ...(signal && { abortSignal: signal }),
    });
    await outcomeOf(stream, build.tag);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Resolves when the builder is done, and rejects with its last words when it has failed. */
export async function outcomeOf(stream: NodeJS.ReadableStream, tag: string): Promise<void> {
  const events = await new Promise<BuildEvent[]>((resolve, reject) => {
    docker().modem.followProgress(stream, (error: Error | null, seen: BuildEvent[]) =>
      error ? reject(error) : resolve(seen),
    );
  });
  // A failed build ends the stream in good order; only its last event tells.
  const failure = events.at(-1)?.error;
  if (failure === undefined) return;
  const output = events.map((event) => event.stream ?? '').join('');
  const tail = output.trimEnd().split('\n').slice(-outputKept_lines).join('\n');
  throw new LabError('IMAGE_BUILD_FAILED', `Building ${tag} failed: ${failure}\n${tail}`);
}

function stage(folder: string, context: BuildContext): void {
  for (const [path, source] of Object.entries(context)) {
    const place = join(folder, path);
    mkdirSync(dirname(place), { recursive: true });
    if ('file' in source) symlinkSync(source.file, place);
    else writeFileSync(place, source.content);
  }
}

/** True when an image of that name is in the engine. */
export async function imageExists(name: string): Promise<boolean> {
  try {
    await docker().getImage(name).inspect();
    return true;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false;
    throw error;
  }
}
