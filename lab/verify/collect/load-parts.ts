/** Who sends which part of a load. */
import { randomInt } from 'node:crypto';
import type { LabNode, RunningLab } from '../../engine/commands/lab';
import type { AnswersWanted } from '../../load/answers/answer';
import type { LoadOptions } from '../../load/options';
import type { LoadProfile, Protocol } from '../../load/requests/schedule';
import type { Scene, SceneServer } from '../evidence/scene';
import { familyOfText } from '../../plan/families';
import { VerifyError } from './errors';

export interface LoadPart {
  readonly node: LabNode;
  readonly options: LoadOptions;
}

const CONCURRENCY = 32;
const DIRECT_REQUESTS = 12;
const DIRECT_RATE = 1_000;
const ANSWER_TIMEOUT_MS = 10_000;
const LIMIT_MS = 90_000;

/** @throws VerifyError where it is not known what clients say */
export function protocolIn({ protocol, online }: Scene): Protocol {
  if (protocol !== 'bytes') return protocol;
  throw new VerifyError(
    'LOAD_UNUSABLE',
    `It is not known what clients say to ${online.name}:${online.port}, and where a request of theirs ends.`,
    "Say it where the server is (protocol: 'http' or 'redis'), and leave out a load of your own.",
  );
}

/** Names a run in every request; it is no part of what a seed decides. */
export const newRun = (): string =>
  randomInt(36 ** 7, 36 ** 8 - 1)
    .toString(36)
    .padStart(8, '0');

/**
 * Of the clients, each its share over each family that is copied.
 *
 * @param rate requests a second, of all together
 */
export function clientParts(lab: RunningLab, scene: Scene, profile: LoadProfile, rate: number): LoadPart[] {
  const speakers = scene.clients.flatMap(({ name, addresses, sources }) =>
    scene.online.addresses.flatMap((host) => {
      const family = familyOfText(host);
      if (!addresses.some((address) => familyOfText(address) === family)) return [];
      return [{ name, host, sources: sources && familyOfText(sources) === family ? sources : undefined }];
    }),
  );
  return speakers.map(({ name, host, sources }, index) => ({
    node: lab.node(name),
    options: {
      host,
      port: scene.online.port,
      profile,
      share: { remainder: index, divisor: speakers.length },
      concurrency: CONCURRENCY,
      rate: Math.ceil(rate / speakers.length),
      answerTimeout_ms: ANSWER_TIMEOUT_MS,
      answers: answersOf(lab, scene.online),
      limit_ms: LIMIT_MS,
      sources,
    },
  }));
}

/** Of the online server, which uses the test server itself, over each family that is copied. */
export function directParts(lab: RunningLab, scene: Scene, profile: LoadProfile): LoadPart[] {
  const { addresses } = scene.test;
  return addresses.map((host, index) => ({
    node: lab.node(scene.online.name),
    options: {
      host,
      port: scene.test.port,
      profile: { ...profile, purpose: 'direct', requests: DIRECT_REQUESTS },
      share: { remainder: index, divisor: addresses.length },
      // All at once: where they are not answered, that is known after one time of waiting.
      concurrency: DIRECT_REQUESTS,
      rate: DIRECT_RATE,
      answerTimeout_ms: 3_000,
      answers: answersOf(lab, scene.test),
      limit_ms: 10_000,
    },
  }));
}

/** What a server of the user's makes of the load is its own affair: that it answers is enough. */
function answersOf({ topology }: RunningLab, { name }: SceneServer): AnswersWanted {
  const { kind } = topology.nodes[name]?.server ?? {};
  return kind === 'service' || kind === 'present' ? 'any' : 'good';
}
