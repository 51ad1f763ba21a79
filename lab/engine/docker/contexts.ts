/**
 * Contexts of the docker command, as it keeps them: `contexts/meta/<SHA-256 of the name>/meta.json` says where an engine is, and
 * `contexts/tls/<the same>/docker` holds what proves it and us (docs.docker.com/engine/manage-resources/contexts).
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LabError, reasonOf } from './errors';

export interface DockerContext {
  /** As `docker context inspect` has it: `unix:///run/a.sock`, `tcp://host:2376`, `ssh://ops@host-b`. */
  readonly address: string;
  /** PEM; undefined where none is kept with it. */
  readonly tls: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer } | undefined;
}

/** What the docker command calls the engine that it uses without a context. */
export const DEFAULT_CONTEXT = 'default';

/** As that command has it. */
export const isContextName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_.+-]+$/.test(text);

const folder = (): string => join(process.env['DOCKER_CONFIG'] || join(homedir(), '.docker'), 'contexts');

/** @throws LabError `ENGINE_ADDRESS_INVALID` where there is none of that name, or it cannot be used */
export function contextNamed(name: string): DockerContext {
  const id = createHash('sha256').update(name).digest('hex');
  const file = join(folder(), 'meta', id, 'meta.json');
  if (!existsSync(file)) {
    const known = contextNames();
    const which = known.length === 0 ? 'there is none here' : `there are ${known.join(', ')}`;
    throw unusable(`There is no Docker context called ${name}; ${which}.`, 'docker context ls lists them.');
  }
  const { Host: address, SkipTLSVerify } = endpointIn(file, name);
  if (SkipTLSVerify === true)
    throw unusable(
      `Docker context ${name} does not verify the engine's certificate, and labs insist on that.`,
      `docker context update ${name} --docker host=${address},ca=…,cert=…,key=…`,
    );
  const tls = tlsIn(join(folder(), 'tls', id, 'docker'), name);
  return { address, tls };
}

interface Endpoint {
  readonly Host: string;
  readonly SkipTLSVerify?: boolean;
}

function endpointIn(file: string, name: string): Endpoint {
  let endpoint: Partial<Endpoint> | undefined;
  try {
    const meta = JSON.parse(readFileSync(file, 'utf8')) as { Endpoints?: { docker?: Partial<Endpoint> } };
    endpoint = meta.Endpoints?.docker;
  } catch (cause) {
    throw unusable(`Docker context ${name} cannot be read: ${file}: ${reasonOf(cause)}`, remake(name));
  }
  if (typeof endpoint?.Host === 'string' && endpoint.Host !== '') return endpoint as Endpoint;
  throw unusable(`Docker context ${name} leads to no Docker engine: ${file} names no host.`, remake(name));
}

function tlsIn(place: string, name: string): DockerContext['tls'] {
  if (!existsSync(place)) return undefined;
  const read = (file: string): Buffer => {
    const path = join(place, file);
    if (existsSync(path)) return readFileSync(path);
    throw unusable(
      `Docker context ${name} has TLS, but no ${file} of its own (${path}): the engine and this machine prove themselves to each other, or not at all.`,
      `docker context update ${name} --docker host=…,ca=…,cert=…,key=…`,
    );
  };
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
}

/** Of all that are kept, sorted; what cannot be read has no name. */
function contextNames(): string[] {
  const meta = join(folder(), 'meta');
  const found = existsSync(meta) ? readdirSync(meta) : [];
  return found
    .flatMap((id) => {
      try {
        return [(JSON.parse(readFileSync(join(meta, id, 'meta.json'), 'utf8')) as { Name: string }).Name];
      } catch {
        return [];
      }
    })
    .sort();
}

const remake = (name: string): string =>
  `docker context rm ${name}, and docker context create ${name} --docker host=…`;

const unusable = (message: string, mend: string): LabError =>
  new LabError('ENGINE_ADDRESS_INVALID', message, mend);
