/** A seeded run: clients ask an online server, and their copies a test server; and a reference, if there is one. What three tcpdumps saw. */
import { seqAdd } from '../../../../src/wire/sequence';
import { plant, type Fault } from './faults';
import { randomBy, type Random } from './random';
import { RecordedConnection, Recorder, type End } from './recorder';
import {
  answerBytes,
  answerTo,
  requestBytes,
  requestTo,
  ROUTES,
  type Answer,
  type RouteName,
} from './service';

export const ONLINE: End = { address: 0xc6120a14, port: 80 };
export const TEST: End = { address: 0xc6120a1e, port: 8080 };
export const REFERENCE: End = { address: 0xc6120a28, port: 8080 };

export interface WorldOptions {
  readonly seed: number;
  readonly connections?: number;
  readonly fault?: Fault;
  readonly withReference?: boolean;
  /** Copies come under other addresses, join late, and their packets are captured as packets are. */
  readonly isRough?: boolean;
}

export interface World {
  readonly online: Buffer;
  readonly test: Buffer;
  readonly reference: Buffer | undefined;
  /** Answers in which the fault is. */
  readonly planted: number;
}

const BEGAN_S = 1_700_000_000;
const REQUESTS_MIN = 2;
const REQUESTS_MORE = 12;

interface Copy {
  readonly recorder: Recorder;
  readonly server: End;
  /** The clock of its machine, ahead of the online server's. */
  readonly ahead_s: number;
  readonly answer: (route: RouteName, answer: Answer) => void;
}

export function worldOf({
  seed,
  connections = 24,
  fault,
  withReference = false,
  isRough = false,
}: WorldOptions): World {
  const random = randomBy(seed);
  const noise = randomBy(seed ^ 0x5a5a5a5a);
  let planted = 0;
  const recorder = (): Recorder =>
    isRough ? new Recorder((packets) => asCaptured(packets, noise)) : new Recorder();
  const online: Copy = { recorder: recorder(), server: ONLINE, ahead_s: 0, answer: () => undefined };
  const test: Copy = {
    recorder: recorder(),
    server: TEST,
    ahead_s: isRough ? 3.5 : 0.002,
    answer: (route, answer) => {
      if (fault?.route !== route || !random.chance(fault.share)) return;
      plant(fault, answer, random);
      planted += 1;
    },
  };
  const reference: Copy = { ...test, recorder: recorder(), server: REFERENCE, answer: () => undefined };
  const copies = withReference ? [online, test, reference] : [online, test];
  for (let at = 0; at < connections; at += 1) {
    const client: End = { address: 0xc6330000 + random.below(2000), port: 20_000 + at };
    const from = random.below(2 ** 32);
    const asked = Array.from({ length: REQUESTS_MIN + random.below(REQUESTS_MORE) }, () => {
      const route = random.pick(ROUTES);
      return { route, request: requestTo(route, random) };
    });
    const began_s = BEGAN_S + at * 0.05 + random.next() * 0.01;
    for (const copy of copies) {
      const isCopy = copy !== online;
      const late = isCopy && isRough && random.chance(0.2) ? random.below(asked.length) : 0;
      const own = isCopy && isRough ? { address: 0x0a000001 + random.below(4), port: 1024 + at } : client;
      play(copy, own, from, began_s, asked, late, random);
    }
  }
  return {
    online: online.recorder.pcap(),
    test: test.recorder.pcap(),
    reference: withReference ? reference.recorder.pcap() : undefined,
    planted,
  };
}

type Questions = readonly { readonly route: RouteName; readonly request: ReturnType<typeof requestTo> }[];

function play(
  { recorder, server, ahead_s, answer: change }: Copy,
  client: End,
  from: number,
  began_s: number,
  asked: Questions,
  late: number,
  random: Random,
): void {
  const requests = asked.map(({ request }) => requestBytes(request));
  const before = requests.slice(0, late).reduce((sum, { length }) => sum + length, 0);
  const connection = new RecordedConnection(
    recorder,
    client,
    server,
    seqAdd(from, before),
    random.below(2 ** 32),
  );
  let at_s = began_s + ahead_s;
  connection.open(at_s);
  for (let index = late; index < asked.length; index += 1) {
    const { route, request } = asked[index]!;
    at_s = connection.say(at_s + 0.001 + 0.002 * random.next(), requests[index]!);
    const answer = answerTo(route, request, random);
    change(route, answer);
    if (answer.isMissing) {
      connection.reset(at_s + 30);
      return;
    }
    at_s = connection.answer(at_s + answer.took_ms / 1000, answerBytes(answer));
    if (answer.isCutOff) {
      connection.close(at_s + 0.001, 'server');
      return;
    }
  }
  connection.close(at_s + 0.01);
}

/** Some come twice, and some before those that were sent before them. */
function asCaptured<T>(packets: readonly T[], random: Random): T[] {
  const seen: T[] = [];
  for (const packet of packets) {
    const at = random.chance(0.03) ? Math.max(0, seen.length - 1 - random.below(2)) : seen.length;
    seen.splice(at, 0, packet);
    if (random.chance(0.03)) seen.push(packet);
  }
  return seen;
}
