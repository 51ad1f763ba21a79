/**
 * The way to an engine on another machine, as the docker command goes it: `ssh <host> docker system dial-stdio`. The ssh of this
 * machine knows its keys, its agent, its known hosts and its configuration. Each connection to the socket here is one there.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoted } from '../../plan/words';
import { announced, forAnyShell, whenBegun } from './begun';

/** Nobody is there to be asked for a password, or to be greeted. */
export const UNATTENDED = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', '-o', 'LogLevel=ERROR'] as const;

/** One login serves all connections, and ends a minute behind the last. */
const OPTIONS = ['-T', ...UNATTENDED, '-o', 'ControlMaster=auto', '-o', 'ControlPersist=60'];

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
  const server = createServer({ allowHalfOpen: true }, (socket) => carry(socket, ssh!, argv));
  server.listen(path);
  server.unref();
  process.on('exit', () => {
    const end = [...given, '-o', `ControlPath=${control}`, '-O', 'exit', hostname];
    if (existsSync(control)) spawnSync(ssh!, end, { stdio: 'ignore' });
    rmSync(folder, { recursive: true, force: true });
  });
  return path;
}

function carry(socket: Socket, ssh: string, argv: readonly string[]): void {
  // What ssh says of itself, such as an unknown host, is told: without it only a closed connection is seen.
  const way = spawn(ssh, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  socket.pipe(way.stdin);
  whenBegun(way.stdout, () => way.stdout.pipe(socket));
  // Where nothing was begun, nobody has said so.
  way.stdout.once('end', () => socket.end());
  // Whoever waits for an answer keeps the program alive, at the other end of this socket.
  for (const one of [way, socket, way.stdin as Socket, way.stdout as Socket]) one.unref();
  socket.on('error', () => way.kill()).on('close', () => way.kill());
  way.on('error', () => socket.destroy());
  way.stdin.on('error', () => undefined);
}
