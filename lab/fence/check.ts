/** Tries a fence as a service would meet it: a name is asked for and called, which must be answered, refused and recorded. */
import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { askFor } from './dns';
import { DNS_PORT, DOCKERS_RESOLVER, PROBE_ADDRESS, PROBE_SUFFIX, RECORD_FILE } from './place';
import type { FenceRecord } from './record';

const PORT = 9;
const WITHIN_MS = 1_000;
const PAUSE_MS = 5;

/** Why it does not stand; undefined when it does. */
export async function faultOfFence(): Promise<string | undefined> {
  const name = `${randomUUID().slice(0, 8)}${PROBE_SUFFIX}`;
  const address = await addressOf(name);
  if (address !== PROBE_ADDRESS)
    return `names are not led to it: the resolver says ${address ?? 'nothing'} to ${name}`;
  const outcome = await outcomeOfCall();
  if (outcome !== 'ECONNREFUSED') return `calls are not refused: ${outcome}`;
  return (await isRecorded(name)) ? undefined : 'calls are refused, and not recorded';
}

function addressOf(name: string): Promise<string | undefined> {
  const socket = createSocket('udp4');
  return new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(resolve, WITHIN_MS, undefined);
    const end = (address: string | undefined): void => {
      clearTimeout(timer);
      resolve(address);
    };
    socket.once('error', () => end(undefined));
    // An address is the last thing in an answer that has one; a fence's has no more than that.
    socket.once('message', (reply) =>
      end(reply.readUInt16BE(6) === 1 ? [...reply.subarray(-4)].join('.') : undefined),
    );
    socket.send(askFor(name, 1), DNS_PORT, DOCKERS_RESOLVER, (error) => error && end(undefined));
  }).finally(() => socket.close());
}

function outcomeOfCall(): Promise<string> {
  const socket = connect({ host: PROBE_ADDRESS, port: PORT });
  return new Promise<string>((resolve) => {
    const timer = setTimeout(resolve, WITHIN_MS, `no answer within ${WITHIN_MS} ms`);
    socket.once('connect', () => resolve('it was answered'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'an error'));
    socket.once('close', () => clearTimeout(timer));
  }).finally(() => socket.destroy());
}

async function isRecorded(name: string): Promise<boolean> {
  for (const deadline_ms = performance.now() + WITHIN_MS; performance.now() < deadline_ms;) {
    if (probeIn(RECORD_FILE) === name) return true;
    await sleep(PAUSE_MS);
  }
  return false;
}

function probeIn(file: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as FenceRecord).probe;
  } catch {
    return undefined;
  }
}
