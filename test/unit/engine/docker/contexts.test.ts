import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientAt } from '../../../../lab/engine/docker/client';
import { contextNamed } from '../../../../lab/engine/docker/contexts';

let folder: string;
let before: NodeJS.ProcessEnv;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'docker-config-'));
  before = { ...process.env };
  process.env['DOCKER_CONFIG'] = folder;
});
afterEach(() => {
  process.env = before;
  rmSync(folder, { recursive: true });
});

const idOf = (name: string): string => createHash('sha256').update(name).digest('hex');

/** As `docker context create` keeps it. */
function keep(name: string, docker: object | undefined, tls: Readonly<Record<string, Buffer>> = {}): void {
  const meta = join(folder, 'contexts/meta', idOf(name));
  mkdirSync(meta, { recursive: true });
  writeFileSync(
    join(meta, 'meta.json'),
    JSON.stringify({ Name: name, Metadata: {}, Endpoints: docker && { docker } }),
  );
  const files = Object.entries(tls);
  const place = join(folder, 'contexts/tls', idOf(name), 'docker');
  if (files.length > 0) mkdirSync(place, { recursive: true });
  for (const [file, bytes] of files) writeFileSync(join(place, file), bytes);
}

describe('a Docker context', () => {
  test('is found by its name, as the docker command keeps it', async () => {
    const host = 'ssh://ops@host-b';
    await execa('docker', ['context', 'create', 'prod', '--docker', `host=${host}`], {
      env: { DOCKER_CONFIG: folder },
    });
    expect(contextNamed('prod')).toEqual({ address: host, tls: undefined });
  });

  test('that is not there is named, with those that are', () => {
    keep('prod', { Host: 'unix:///run/a.sock' });
    keep('lab', { Host: 'unix:///run/b.sock' });
    for (const address of ['context:prdo', 'prdo'])
      expect(() => clientAt(address)).toThrow(
        /There is no Docker context called prdo; there are lab, prod\./,
      );
  });

  test('without an engine, or that cannot be read, is named', () => {
    keep('kubernetes', undefined);
    expect(() => clientAt('context:kubernetes')).toThrow(/leads to no Docker engine/);
    keep('damaged', {});
    writeFileSync(join(folder, 'contexts/meta', idOf('damaged'), 'meta.json'), '{');
    expect(() => clientAt('context:damaged')).toThrow(/damaged cannot be read: .*meta\.json/);
  });

  test('whose engine nobody would verify is refused', () => {
    keep('lax', { Host: 'tcp://host:2376', SkipTLSVerify: true });
    expect(() => clientAt('context:lax')).toThrow(/lax does not verify the engine's certificate/);
  });

  test('with half of its TLS is refused, with the file that is missing', () => {
    keep('half', { Host: 'tcp://host:2376' }, { 'ca.pem': Buffer.from('x') });
    expect(() => clientAt('context:half')).toThrow(/no cert\.pem of its own/);
  });

  test('called default is the engine of DOCKER_HOST', () => {
    process.env['DOCKER_HOST'] = 'tcp://198.18.0.1:2375';
    expect(clientAt('context:default').modem).toMatchObject({ host: '198.18.0.1' });
  });
});

test('a socket that was named is spoken to, whatever DOCKER_HOST says', async () => {
  process.env['DOCKER_HOST'] = 'tcp://127.0.0.1:9';
  const server = createHttpServer((_, answer) => void answer.end('{"ApiVersion":"1.41"}'));
  const place = join(folder, 'engine.sock');
  server.listen(place);
  await once(server, 'listening');
  try {
    expect(await clientAt(`unix://${place}`).version()).toMatchObject({ ApiVersion: '1.41' });
  } finally {
    server.close();
  }
});

describe('an engine that asks for a certificate', () => {
  let keys: string;
  let server: Server;
  const pem = (name: string): Buffer => readFileSync(join(keys, name));
  const openssl = (...argv: string[]) => execa('openssl', argv, { cwd: keys });
  const files = () => ({ 'ca.pem': pem('ca.pem'), 'cert.pem': pem('cert.pem'), 'key.pem': pem('key.pem') });

  beforeAll(async () => {
    keys = mkdtempSync(join(tmpdir(), 'docker-keys-'));
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const names = ['-addext', 'subjectAltName=IP:127.0.0.1'];
    // One certificate that vouches for itself is authority, engine and client.
    await openssl(
      'req',
      '-x509',
      ...key,
      ...names,
      '-subj',
      '/CN=engine',
      '-days',
      '2',
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
    );
    writeFileSync(join(keys, 'ca.pem'), pem('cert.pem'));
    await openssl(
      'req',
      '-x509',
      ...key,
      ...names,
      '-subj',
      '/CN=other',
      '-days',
      '2',
      '-keyout',
      'other-key.pem',
      '-out',
      'other.pem',
    );
    const options = {
      key: pem('key.pem'),
      cert: pem('cert.pem'),
      ca: pem('ca.pem'),
      requestCert: true,
      rejectUnauthorized: true,
    };
    server = createServer(options, (_, answer) => void answer.end('{"ApiVersion":"1.46"}'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
    rmSync(keys, { recursive: true });
  });

  const host = (): { Host: string } => ({
    Host: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });

  test('is spoken to with that of the context', async () => {
    keep('prod', host(), files());
    expect(await clientAt('context:prod').version()).toMatchObject({ ApiVersion: '1.46' });
  });

  test('refuses whoever has none, and is not believed by whoever knows another authority', async () => {
    keep('bare', host());
    await expect(clientAt('context:bare').version()).rejects.toThrow();
    keep('other', host(), { ...files(), 'ca.pem': pem('other.pem') });
    await expect(clientAt('context:other').version()).rejects.toThrow(/self.signed|certificate/);
  });
});
