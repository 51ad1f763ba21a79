/** Sends one request through a client, and sees all that comes of it. */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningLab } from '../../engine/commands/lab';
import type { Speech } from '../../topology/servers/speech';
import type { Scene } from '../../verify/evidence/scene';
import { FIN, RST } from '../../../src/wire/tcp';
import { exchangeOf } from '../frames/exchange';
import type { KeptFrame } from '../frames/kept';
import type { RequestDone, RequestWanted } from '../messages/message';
import { FrameTaps } from './frame-taps';
import { onlinePlace, responsePlaces } from './places';
import { requestCommand, RequestError } from './request-command';
import { Undoing } from './undoing';

/** Below those that kernels choose themselves. */
const PORTS = [20_000, 30_000] as const;
/** Of NFLOG; those below are the watch's own. */
const GROUPS = [0x8000, 0xffff] as const;
const FRAMES_MAX = 5_000;
/** The copy goes on behind the client's end. */
const COPY_WITHIN_MS = 3_000;
const QUIET_MS = 250;

/** @throws RequestError when it cannot be sent as it is, or nobody answers */
export async function sendRequest(
  lab: RunningLab,
  scene: Scene,
  speech: Speech | undefined,
  wanted: RequestWanted,
  nextId: () => number,
): Promise<RequestDone & { frames: readonly KeptFrame[] }> {
  const client = scene.clients.find(({ name }) => name === wanted.client);
  if (!client) throw new RequestError('REQUEST_UNUSABLE', `There is no client named ${wanted.client}.`);
  const port = randomInt(...PORTS);
  const { argv, input } = requestCommand(scene.online, speech, wanted, port);
  const frames: KeptFrame[] = [];
  let heard_ms = performance.now();
  // Of its own, so that its rule is gone when it is over.
  const undoing = await Undoing.open(lab.node(scene.test.name));
  try {
    const undoings = new Map([[scene.test.name, undoing]]);
    const places = [
      onlinePlace(lab, scene, port),
      ...(await responsePlaces(lab, scene, undoings, randomInt(...GROUPS), { port })),
    ];
    const taps = new FrameTaps(places, scene, nextId, (more) => {
      frames.push(...more);
      heard_ms = performance.now();
    });
    await taps.start(FRAMES_MAX);
    try {
      const { exitCode, stdout, stderr } = await lab.node(client.name).exec(argv, { input });
      if (exitCode !== 0)
        throw new RequestError('REQUEST_FAILED', stderr.toString().trim() || `curl: ${exitCode}`);
      const deadline_ms = performance.now() + COPY_WITHIN_MS;
      while (performance.now() < deadline_ms && !(isOver(frames) && performance.now() - heard_ms > QUIET_MS))
        await sleep(20);
      const end = `${client.address}:${port}`;
      return { exchange: exchangeOf(frames, end, true), answer: stdout.toString('latin1', 0, 4096), frames };
    } finally {
      await taps.stop();
    }
  } finally {
    await undoing.run();
  }
}

/** The copy has come to its end as well. */
const isOver = (frames: readonly KeptFrame[]): boolean =>
  frames.some(({ shown, flags }) => shown.kind === 'response' && (flags & (FIN | RST)) !== 0) &&
  frames.some(({ shown, flags }) => shown.kind === 'copy' && (flags & (FIN | RST)) !== 0);
