/** What ss(8) prints with `-n`: a line for each socket. */
import type { Connection, Listener } from '../facts';

/** @param text of `ss -Htlnp` */
export function listenersIn(text: string): Listener[] {
  return linesOf(text).flatMap((line) => {
    const [, , , local = ''] = line.split(/\s+/);
    const { address, port } = endpointOf(local);
    // Older ones of ss write two colons in the place of the asterisk.
    const isOfBoth = local.startsWith('*:') || local.startsWith(':::');
    const [, process, pid] = /users:\(\("([^"]*)",pid=(\d+)/.exec(line) ?? [];
    const listener = { port, process, pid: pid === undefined ? undefined : Number(pid) };
    return (isOfBoth ? ['0.0.0.0', '::'] : [address]).map((one) => ({ address: one, ...listener }));
  });
}

/** @param text of `ss -Htn` with one state: no column for it */
export function connectionsIn(text: string): Connection[] {
  return linesOf(text).map((line) => {
    const [, , local = '', remote = ''] = line.trim().split(/\s+/);
    return { localPort: endpointOf(local).port, peer: endpointOf(remote).address };
  });
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

/** `198.18.10.20:80`, `127.0.0.53%lo:53`, `[::ffff:198.18.10.20]:80`, `*:80`. */
function endpointOf(text: string): { address: string; port: number } {
  const at = text.lastIndexOf(':');
  const address = text
    .slice(0, at)
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%.*$/, '')
    .replace(/^::ffff:/, '');
  return { address, port: Number(text.slice(at + 1)) };
}
