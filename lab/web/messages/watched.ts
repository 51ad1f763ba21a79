/** What can be asked of a watch, whether it looks at a running lab or at messages that were kept. */
import type { Readable } from 'node:stream';
import type { Exchange } from './frame';
import type { CheckView, HelpView, Language, LessonRow, LessonWanted, StepView } from './lesson';
import type { Message, RequestDone, RequestWanted } from './message';
import type { PlayableScenario } from './run';
import type { TerminalSize, TerminalWanted } from './terminal';

export interface Watched {
  /** Name of the lab. */
  readonly name: string;
  /** Tells first what went before. @returns what ends it */
  subscribe(listener: (message: Message) => void): () => void;
  /** Sends one request. Rejects with an error that has a `code` when that cannot be. */
  send(wanted: RequestWanted): Promise<RequestDone>;
  /** Of a client's connection that was seen; undefined when nothing is kept of it. @param client `address:port` */
  exchange(copy: string, client: string): Exchange | undefined;
  /** Resolves when what it looks at is there no more. */
  readonly gone: Promise<void>;
  /** Takes back everything. */
  close(): Promise<void>;
}

/** Scenarios that the page can have played, and the run that is played or was last. */
export interface Playing {
  readonly scenarios: readonly PlayableScenario[];
  /** Tells first what went before, of the run and of its lab. @returns what ends it */
  subscribe(listener: (message: Message) => void): () => void;
  /** Begins a run. Throws an error that has a `code` when that cannot be. */
  play(name: string, seed: number): void;
  stop(): void;
  /** In the lab of the run; see {@link Watched.exchange}. */
  exchange(copy: string, client: string): Exchange | undefined;
  /** Resolves when the lab of the run is gone. */
  close(): Promise<void>;
}

/** Lessons, and the one that is open. What cannot be rejects with an error that has a `code`. */
export interface Teaching {
  /** How far the learner is in each. */
  rows(language: Language): Promise<readonly LessonRow[]>;
  /** Tells first what went before, of the lesson and of its lab. @returns what ends it */
  subscribe(listener: (message: Message) => void): () => void;
  /** Resolves when its lab is there and is watched. */
  open(wanted: LessonWanted): Promise<StepView>;
  /** Undefined when no lesson is open. */
  step(language: Language): StepView | undefined;
  /** Looks at the lab as it is. */
  check(language: Language): Promise<CheckView>;
  help(language: Language): Promise<HelpView>;
  leave(): Promise<void>;
  /** In the lab of the lesson; see {@link Watched.send}. */
  send(wanted: RequestWanted): Promise<RequestDone>;
  /** In the lab of the lesson; see {@link Watched.exchange}. */
  exchange(copy: string, client: string): Exchange | undefined;
  /** Resolves when the lab that was started for a lesson is gone. */
  close(): Promise<void>;
}

/** A shell that was opened; it ends by itself, or when it is closed. */
export interface OpenedTerminal {
  readonly output: Readable;
  readonly ended: Promise<void>;
  write(typed: Uint8Array): void;
  resize(size: TerminalSize): Promise<void>;
  close(): Promise<void>;
}

/** Shells in nodes. */
export interface Shells {
  /** Rejects with an error in words when there can be none. */
  open(wanted: TerminalWanted): Promise<OpenedTerminal>;
}
