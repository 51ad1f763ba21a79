/**
 * The way to an engine on another machine, as the docker command goes it: `ssh <host> docker system dial-stdio`. The ssh of this
 * machine knows its keys, its agent, its known hosts and its configuration. Each connection to the socket here is one there.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { quoted } from '../../plan/words';
import { announced, forAnyShell, whenBegun } from './begun';

/** Nobody is there to be asked for a password, or to be greeted. */
export const UNATTENDED = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', '-o', 'LogLevel=ERROR'] as const;

/** A machine that has gone away is noticed within these seconds. */
export const ALIVE = ['-o', 'ServerAliveInterval=5', '-o', 'ServerAliveCountMax=3'] as const;

/** One login serves all connections, and ends a minute behind the last. */
const OPTIONS = ['-T', ...UNATTENDED, ...ALIVE, '-o', 'ControlMaster=auto', '-o', 'ControlPersist=60'];

/** `LAB_SSH` takes the place of ssh, with options of one's own: `ssh -F ./config`. */
export const sshWords = (): string[] => (process.env['LAB_SSH'] ?? 'ssh').split(' ').filter(Boolean);

/** @param place `ssh://user@host:port`, and behind it the path of the engine's socket there where it is not the usual one */
export function socketOver({ hostname, port, username, pathname }: URL): string {
  const folder = mkdtempSync(join(tmpdir(), 'lab-ssh-'));
  const path = join(folder, 'docker.sock');
  const [ssh, ...given] = sshWords();
  const control = join(folder, 'control');
  const docker = pathname === '' || pathname === '/' ? ['docker'] : ['docker', '-H', `unix://${pathname}`];
  const argv = [
    ...given,
    ...OPTIONS,
    ...['-o', `ControlPath=${control}`],
    ...(port === '' ? [] : ['-p', port]),
    ...(username === '' ? [] : ['-l', decodeURIComponent(username)]),
    '--',
    hostname,
    forAnyShell(announced(`exec ${quoted([...docker, 'system', 'dial-stdio'])}`)),
  ];
  const tell = tellingOnce(`ssh to ${hostname}`);
  const server = createServer({ allowHalfOpen: true }, (socket) => carry(socket, ssh!, argv, tell));
  server.listen(path);
  server.unref();
  process.on('exit', () => {
    const end = [...given, '-o', `ControlPath=${control}`, '-O', 'exit', hostname];
    if (existsSync(control)) spawnSync(ssh!, end, { stdio: 'ignore' });
    rmSync(folder, { recursive: true, force: true });
  });
  return path;
}

/** What ssh says of itself, such as an unknown host: without it only a closed connection is seen. Each connection says the same. */
function tellingOnce(whose: string): (said: Readable) => void {
  const told = new Set<string>();
  return (said) =>
    createInterface({ input: said }).on('line', (line) => {
      if (!told.has(line)) process.stderr.write(`${whose}: ${line}\n`);
      told.add(line);
    });
}

function carry(socket: Socket, ssh: string, argv: readonly string[], tell: (said: Readable) => void): void {
  const way = spawn(ssh, argv, { stdio: ['pipe', 'pipe', 'pipe'] });
  tell(way.stderr);
  socket.pipe(way.stdin);
  whenBegun(way.stdout, () => way.stdout.pipe(socket));
  // Where nothing was begun, nobody has said so.
  way.stdout.once('end', () => socket.end());
  // Whoever waits for an answer keeps the program alive, at the other end of this socket.
  for (const one of [way, socket, way.stdin, way.stdout, way.stderr]) (one as Socket).unref();
  socket.on('error', () => way.kill()).on('close', () => way.kill());
  way.on('error', () => socket.destroy());
  way.stdin.on('error', () => undefined);
}
