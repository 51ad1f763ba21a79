/** The connection to the Docker engine: DOCKER_HOST or the usual socket. */
import Docker from 'dockerode';
import { LabError } from './errors';

let connection: Docker | undefined;

/** The engine's client. Asks nothing of the engine by itself. */
export function docker(): Docker {
  connection ??= new Docker();
  return connection;
}

let version: Promise<string> | undefined;

/** The newest version of its API that the engine speaks, for example 1.41. */
export async function apiVersion(): Promise<string> {
  version ??= docker()
    .version()
    .then(({ ApiVersion }) => ApiVersion);
  version.catch(() => (version = undefined));
  return version;
}

/** Rejects with a mend when no engine answers, or one that labs cannot be built on. */
export async function assertEngineAnswers(): Promise<void> {
  let version: { readonly Components?: readonly { readonly Name: string; readonly Version: string }[] };
  try {
    version = await docker().version();
  } catch (cause) {
    throw new LabError(
      'ENGINE_UNREACHABLE',
      `No Docker engine answers at ${place()}.`,
      'Install and start one (in a checkout: `make bootstrap`), or set DOCKER_HOST.',
      { cause },
    );
  }
  const podman = version.Components?.find(({ Name }) => Name === 'Podman Engine');
  if (podman)
    throw new LabError(
      'ENGINE_UNSUPPORTED',
      `Podman ${podman.Version} answers at ${place()}: labs need Docker's own engine.`,
      'Set DOCKER_HOST to the socket of one; `make bootstrap` installs and starts it.',
    );
}

const place = (): string => process.env['DOCKER_HOST'] ?? '/var/run/docker.sock';
