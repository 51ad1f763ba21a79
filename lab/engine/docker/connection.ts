/** The connection to the Docker engine: DOCKER_HOST or the usual socket. */
import Docker from 'dockerode';
import { LabError } from './errors';

let connection: Docker | undefined;

/** The engine's client. Asks nothing of the engine by itself. */
export function docker(): Docker {
  connection ??= new Docker();
  return connection;
}

/** Rejects with a mend when no engine answers. */
export async function assertEngineAnswers(): Promise<void> {
  try {
    await docker().ping();
  } catch (cause) {
    throw new LabError(
      'ENGINE_UNREACHABLE',
      `No Docker engine answers at ${process.env['DOCKER_HOST'] ?? '/var/run/docker.sock'}.`,
      'Run `make bootstrap` to install and start one, or set DOCKER_HOST.',
      { cause },
    );
  }
}
