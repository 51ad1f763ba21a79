/** One request beside its copy as taps would have it, and what a watch tells of a lab that works. */
import { PassThrough } from 'node:stream';
import { scenarios } from '../../../lab/scenarios/catalogue/all';
import { keptFrames, type KeptFrame } from '../../../lab/web/frames/kept';
import { exchangeOf } from '../../../lab/web/frames/exchange';
import type { Message, RequestWanted } from '../../../lab/web/messages/message';
import type { Picture } from '../../../lab/web/messages/picture';
import type { CopyReading, Reading } from '../../../lab/web/messages/reading';
import type { CheckView, LessonStage } from '../../../lab/web/messages/lesson';
import type { OpenedTerminal, Playing, Shells, Teaching, Watched } from '../../../lab/web/messages/watched';
import { lessons } from '../../../lab/lessons/course/all';
import { noProgress } from '../../../lab/lessons/progress';
import { rowsOf, stepView } from '../../../lab/lessons/view';
import type { Recording } from '../../../lab/web/messages/recording';
import { Recorder } from '../../../lab/web/record/recorder';
import { KeptRing } from '../../../lab/web/observe/kept-ring';
import { copyReading } from '../../../lab/web/observe/copy-reader';
import { ACK, FIN, PSH, SYN } from '../../../src/wire/tcp';
import { capture, tcp, type TestFrame } from '../verify/world/frames';
import { CLIENT, ONLINE, scene, TEST } from '../verify/world/scene';
import { healthyState } from '../verify/world/state';

const text = (words: string): Uint8Array => Buffer.from(words);
export const REQUEST = text('GET /hello HTTP/1.1\r\nHost: online\r\n\r\n');
const ANSWER = text('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
const after = (bytes: Uint8Array): number => 1001 + bytes.length;

/** In the order of time: the client's connection, then its copy, whose server counts from another number. */
export const exchangeFrames: readonly TestFrame[] = [
  tcp(CLIENT, ONLINE, { flags: SYN, sequence: 1000, acknowledgment: 0 }),
  tcp(ONLINE, CLIENT, { flags: SYN | ACK, sequence: 5000, acknowledgment: 1001 }),
  tcp(CLIENT, ONLINE, { flags: ACK, sequence: 1001, acknowledgment: 5001 }),
  tcp(CLIENT, ONLINE, { flags: PSH | ACK, sequence: 1001, acknowledgment: 5001, payload: REQUEST }),
  tcp(CLIENT, TEST, { flags: SYN, sequence: 1000, acknowledgment: 0 }),
  tcp(TEST, CLIENT, { flags: SYN | ACK, sequence: 9000, acknowledgment: 1001 }),
  tcp(ONLINE, CLIENT, { flags: PSH | ACK, sequence: 5001, acknowledgment: after(REQUEST), payload: ANSWER }),
  tcp(CLIENT, TEST, { flags: PSH | ACK, sequence: 1001, acknowledgment: 9001, payload: REQUEST }),
  tcp(TEST, CLIENT, { flags: PSH | ACK, sequence: 9001, acknowledgment: after(REQUEST), payload: ANSWER }),
  tcp(CLIENT, ONLINE, { flags: FIN | ACK, sequence: after(REQUEST), acknowledgment: 5001 + ANSWER.length }),
  tcp(CLIENT, TEST, { flags: FIN | ACK, sequence: after(REQUEST), acknowledgment: 9001 + ANSWER.length }),
  tcp(TEST, CLIENT, { flags: FIN | ACK, sequence: 9001 + ANSWER.length, acknowledgment: after(REQUEST) + 1 }),
];

export function kept(frames: readonly TestFrame[] = exchangeFrames): KeptFrame[] {
  let id = 0;
  return keptFrames(capture(frames), scene, () => (id += 1));
}

export const picture: Picture = {
  lab: 'kept',
  topology: 'traditional',
  description: 'An nginx whose requests are copied live to a second nginx.',
  networks: [{ name: 'lan', subnet: '198.18.10.0/24' }],
  nodes: [
    { name: 'client', role: 'client', network: 'lan', address: '198.18.10.10' },
    {
      name: 'online',
      role: 'online',
      network: 'lan',
      address: '198.18.10.20',
      server: { kind: 'nginx', port: 80 },
    },
    {
      name: 'test',
      role: 'test',
      network: 'lan',
      address: '198.18.10.30',
      server: { kind: 'nginx', port: 8080 },
    },
  ],
  copies: [{ architecture: 'traditional', from: 'online', to: 'test', heardAt: ['test'], speech: 'http' }],
};

const COUNTERS = {
  tcpcopy: { armed: 1, requests_captured: 0, requests_sent: 0, sessions_open: 1, lateness_ms: 3 },
  intercept: { canaries_sent: 9, canaries_caught: 9, canaries_missed: 0, dropped: 4 },
};

/** One second after the other. @param at of seconds since the watch began */
export function readingAt(at: number, changes: Partial<CopyReading> = {}): Reading {
  const flows = { requests: 40 * at, answers: 30 * at, copies: 20 * at, responses: 20 * at, escaped: 0 };
  const counters = { ...COUNTERS, tcpcopy: { ...COUNTERS.tcpcopy, requests_captured: 10 * at } };
  const said = { level: 'armed' as const, reasons: [], since: '2026-11-28T12:00:00.000Z' };
  const copy = copyReading(scene, { state: healthyState, counters }, flows, said);
  return { at_ms: 1_700_000_000_000 + at * 1000, copies: [{ ...copy, ...changes }] };
}

export const messages = (): Message[] => [
  { kind: 'picture', picture },
  ...Array.from({ length: 30 }, (_, at): Message => ({ kind: 'reading', reading: readingAt(at) })),
  { kind: 'frames', frames: kept().map(({ shown }) => shown) },
];

export interface KeptWatch extends Watched {
  tell(message: Message): void;
  readonly asked: readonly RequestWanted[];
}

/** Tells messages that were kept, and answers every request with the same connection. */
export function keptWatch(): KeptWatch {
  const told = messages();
  const listeners = new Set<(message: Message) => void>();
  const ring = new KeptRing();
  const asked: RequestWanted[] = [];
  ring.add(kept());
  return {
    name: 'kept',
    asked,
    gone: new Promise(() => undefined),
    subscribe(listener) {
      told.forEach(listener);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell(message) {
      told.push(message);
      for (const listener of listeners) listener(message);
    },
    send: (wanted) => {
      asked.push(wanted);
      return Promise.resolve({ exchange: ring.exchange('online', CLIENT, true)!, answer: 'HTTP/1.1 200 OK' });
    },
    exchange: (copy, client) => ring.exchange(copy, client, true),
    close: () => Promise.resolve(),
  };
}

export interface KeptPlaying extends Playing {
  tell(message: Message): void;
  /** What was asked for. */
  readonly asked: readonly string[];
}

/** Plays nothing: what a run would tell is told by the test. */
export function keptPlaying(): KeptPlaying {
  const told: Message[] = [];
  const listeners = new Set<(message: Message) => void>();
  const asked: string[] = [];
  return {
    scenarios: scenarios.map(({ name, architecture, title, teaches }) => ({
      name,
      architecture,
      title,
      teaches,
    })),
    asked,
    subscribe(listener) {
      told.forEach(listener);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell(message) {
      told.push(message);
      for (const listener of listeners) listener(message);
    },
    play: (name, seed) => void asked.push(`play ${name} ${seed}`),
    stop: () => void asked.push('stop'),
    exchange: () => undefined,
    close: () => Promise.resolve(),
  };
}

export interface KeptTeaching extends Teaching {
  tell(message: Message): void;
  /** What was asked for. */
  readonly asked: readonly string[];
}

const lesson = lessons[0]!;
const SEEN = '/tmp/handshake.pcap: No such file or directory';

/** The first lesson: the first check is not passed, the others are. */
export function keptTeaching(): KeptTeaching {
  const listeners = new Set<(message: Message) => void>();
  const asked: string[] = [];
  let stage: LessonStage = { kind: 'closed' };
  let at = 0;
  let checks = 0;
  const tell = (message: Message): void => {
    if (message.kind === 'lesson') stage = message.stage;
    for (const listener of listeners) listener(message);
  };
  const toStep = (index: number): void => {
    at = index;
    const step = lesson.steps[index]!.name;
    tell({ kind: 'lesson', stage: { kind: 'open', lesson: lesson.name, step, lab: 'lesson-1' } });
  };
  return {
    asked,
    tell,
    rows: (language) => Promise.resolve(rowsOf(lessons, noProgress, language)),
    subscribe(listener) {
      listener({ kind: 'lesson', stage });
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    open({ lesson: name, at: number = 1, language }) {
      asked.push(`open ${name} ${number}`);
      toStep(number - 1);
      return Promise.resolve(stepView(lesson, lesson.steps[at]!, language));
    },
    step: (language) => (stage.kind === 'open' ? stepView(lesson, lesson.steps[at]!, language) : undefined),
    check(language): Promise<CheckView> {
      asked.push('check');
      checks += 1;
      const step = lesson.steps[at]!;
      const passed = checks > 1;
      const seen = step.checks.map(({ holds }) => ({ holds: holds[language], held: passed, seen: SEEN }));
      if (!passed) return Promise.resolve({ passed, checks: seen, lab: 'lesson-1' });
      const following = lesson.steps[at + 1];
      if (following) toStep(at + 1);
      const next = following && stepView(lesson, following, language);
      const picture =
        'client                        online\n│                             │\n├─ SYN ──────────────────────►│';
      return Promise.resolve({
        passed,
        checks: seen,
        picture,
        after: step.after[language],
        lab: 'lesson-1',
        next,
      });
    },
    help(language) {
      asked.push('help');
      const isSecond = asked.filter((one) => one === 'help').length > 1;
      return Promise.resolve({
        hint: lesson.steps[at]!.hint[language],
        ...(isSecond && { answer: ['the answer'] }),
      });
    },
    send(wanted) {
      asked.push(`send ${wanted.target}`);
      const exchange = exchangeOf(kept(), CLIENT, true);
      return Promise.resolve({ exchange, answer: 'HTTP/1.1 200 OK' });
    },
    leave() {
      asked.push('leave');
      tell({ kind: 'lesson', stage: { kind: 'closed' } });
      return Promise.resolve();
    },
    exchange: () => undefined,
    close: () => Promise.resolve(),
  };
}

export interface KeptShells extends Shells {
  /** What was asked for, typed, and done. */
  readonly asked: readonly string[];
}

/** Says again what is typed; ends when `exit` is. */
export function keptShells(): KeptShells {
  const asked: string[] = [];
  return {
    asked,
    open({ of, node, columns, rows }): Promise<OpenedTerminal> {
      asked.push(`open ${of} ${node} ${columns > 20 && rows > 5}`);
      if (node === 'gone') return Promise.reject(new Error('There is no such node.'));
      const output = new PassThrough();
      let close = (): void => undefined;
      const ended = new Promise<void>((resolve) => (close = resolve));
      output.write(`${node}# `);
      let typed = '';
      return Promise.resolve({
        output,
        ended,
        write(bytes) {
          output.write(bytes);
          typed += Buffer.from(bytes).toString();
          if (typed.endsWith('exit\r')) close();
        },
        resize(size) {
          asked.push(`size ${size.columns < columns}`);
          return Promise.resolve();
        },
        close() {
          asked.push(`closed: ${typed}`);
          close();
          return Promise.resolve();
        },
      });
    },
  };
}

/** A run as a watch and a player tell it: from the beginning to the verdict, with one connection that can be gone through. */
export function keptRecording(): Recording {
  const recorder = new Recorder();
  const run = { name: 'rule-removed', architecture: 'traditional', seed: 41 } as const;
  const at = (second: number): number => 1_700_000_000_000 + second * 1000;
  const line = 'iptables -w -D OUTPUT -p tcp --sport 8080 -j NFQUEUE';
  recorder.hear({ kind: 'run', run }, at(0));
  messages().forEach((message) => recorder.hear(message, at(0)));
  const told: Message[] = [
    { kind: 'step', at_ms: at(0), step: { kind: 'phase', phase: 'disturbance' } },
    { kind: 'step', at_ms: at(10), step: { kind: 'command', node: 'test', line } },
    {
      kind: 'guard',
      change: { copy: 'online', at_ms: at(11), level: 'suspended', reason: 'no proof came back' },
    },
    { kind: 'step', at_ms: at(12), step: { kind: 'moment', moment: 'lost' } },
    {
      kind: 'result',
      at_ms: at(29),
      result: { verdict: 'pass', reasons: [], figures: { leaked: 0, missing: 1, doubled: 0 } },
    },
  ];
  told.forEach((message) => recorder.hear(message, at(0)));
  const ring = new KeptRing();
  ring.add(kept());
  const requests = [{ identity: 'lab/v0000015/0-0', length_bytes: REQUEST.length }];
  return recorder.finish(run, requests, (copy, client) => ring.exchange(copy, client, true));
}
