/** A client of the engine at an address; nothing is asked of it yet. */
import Docker from 'dockerode';
import { contextNamed, DEFAULT_CONTEXT, isContextName, type DockerContext } from './contexts';
import { LabError } from './errors';
import { socketOver } from './over-ssh';

/** Where an engine is, where nobody has said it. */
export const ownAddress = (): string => process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';

/**
 * @param address `unix:///run/a.sock`, `tcp://host:2375`, `ssh://user@host`, `context:prod`, or the bare name of a Docker context
 * @throws LabError `ENGINE_ADDRESS_INVALID`
 */
export function clientAt(address: string): Docker {
  const [, named] = /^context:(.+)$/.exec(address) ?? [];
  const context = named ?? (isContextName(address) ? address : undefined);
  if (context === DEFAULT_CONTEXT) return new Docker();
  if (context === undefined) return clientOf({ address, tls: undefined });
  try {
    return clientOf(contextNamed(context));
  } catch (error) {
    // What is no name of a context may have been meant as an address.
    throw named === undefined && error instanceof LabError
      ? new LabError(
          error.code,
          `${address} is no address of an engine. ${error.message}`,
          `${FORMS} ${error.mend}`,
        )
      : error;
  }
}

function clientOf({ address, tls }: DockerContext): Docker {
  if (!URL.canParse(address)) throw invalid(address);
  const { protocol, pathname, hostname, port } = new URL(address);
  if (protocol !== 'unix:' && hostname === '') throw invalid(address);
  switch (protocol) {
    case 'unix:':
      if (!pathname.startsWith('/')) throw invalid(address);
      return atSocket(pathname);
    case 'tcp:':
    case 'http:':
    case 'https:':
      return tls
        ? new Docker({ protocol: 'https', host: hostname, port: port || '2376', ...tls })
        : new Docker({ protocol: 'http', host: hostname, port: port || '2375' });
    case 'ssh:':
      return atSocket(socketOver(new URL(address)));
    default:
      throw invalid(address);
  }
}

/** Whatever DOCKER_HOST says, whose host would be taken first. */
const atSocket = (socketPath: string): Docker => {
  const docker = new Docker({ socketPath });
  return Object.assign(docker, { modem: Object.assign(docker.modem, { host: undefined, socketPath }) });
};

const FORMS =
  'Write it as unix:///run/docker.sock, tcp://host:2375, ssh://user@host, or context:name of a Docker context.';

const invalid = (address: string): LabError =>
  new LabError('ENGINE_ADDRESS_INVALID', `${address} is no address of an engine.`, FORMS);
