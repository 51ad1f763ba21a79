/** Opens lessons for the page, one at a time, each in a lab that is watched meanwhile. */
import { inWords, type Progress } from '../../engine/docker/progress';
import type { RunningLab } from '../../engine/commands/lab';
import type { LessonSession } from '../../lessons/lesson-session';
import { stepView } from '../../lessons/view';
import { Audience, type Listener } from '../messages/audience';
import type { Exchange } from '../messages/frame';
import type {
  CheckView,
  HelpView,
  Language,
  LessonRow,
  LessonStage,
  LessonWanted,
  StepView,
} from '../messages/lesson';
import type { RequestDone, RequestWanted } from '../messages/message';
import type { Teaching, Watched } from '../messages/watched';
import type { School } from './school';

export class TeachError extends Error {
  constructor(
    readonly code: 'LESSON_NOT_OPEN' | 'LESSON_STOPPED',
    message: string,
  ) {
    super(message);
    this.name = 'TeachError';
  }
}

export class Teacher implements Teaching {
  readonly #audience = new Audience();
  #stage: LessonStage = { kind: 'closed' };
  #session: LessonSession | undefined;
  /** Of the lesson's lab; none where that is the lab which the page is about. */
  #watched: Watched | undefined;
  #abort = new AbortController();
  #under: Promise<unknown> = Promise.resolve();

  /**
   * @param about the lab that is watched already
   * @param watch begins to watch another
   */
  constructor(
    private readonly about: string,
    private readonly school: School,
    private readonly watch: (lab: RunningLab) => Promise<Watched>,
  ) {}

  rows(language: Language): Promise<readonly LessonRow[]> {
    return this.school.rows(language);
  }

  subscribe(listener: Listener): () => void {
    listener({ kind: 'lesson', stage: this.#stage });
    // What it told before; what it tells from now on comes with everybody's.
    this.#watched?.subscribe(listener)();
    return this.#audience.join(listener);
  }

  lab(): RunningLab | undefined {
    return this.#session?.room.lab;
  }

  open({ lesson, at, language }: LessonWanted): Promise<StepView> {
    return this.#inTurn(async () => {
      const abort = new AbortController();
      this.#abort = abort;
      await this.#endWatch();
      this.#tell({ kind: 'opening', lesson });
      try {
        const told = this.#progressOf(lesson);
        const session = await this.school.open(lesson, { at, told, signal: abort.signal });
        this.#session = session;
        abort.signal.throwIfAborted();
        await this.#begin(session);
        return viewOf(session, language);
      } catch (failure) {
        await this.#leave();
        if (abort.signal.aborted) throw new TeachError('LESSON_STOPPED', 'It was stopped.');
        throw failure;
      }
    });
  }

  step(language: Language): StepView | undefined {
    return this.#session && this.#stage.kind === 'open' ? viewOf(this.#session, language) : undefined;
  }

  check(language: Language): Promise<CheckView> {
    return this.#inTurn(async () => {
      const session = this.#open();
      const checked = await this.school.check(session.lesson, language);
      const next = session.lesson.steps.find(({ name }) => name === checked.next?.step);
      if (next) {
        this.#session = { ...session, step: next };
        this.#tellOpen(this.#session);
      }
      return checked;
    });
  }

  help(language: Language): Promise<HelpView> {
    return this.#inTurn(() => this.school.help(this.#open().lesson, language));
  }

  /** Also one that is being opened. Resolves when its lab is gone. */
  leave(): Promise<void> {
    this.#abort.abort();
    return this.#inTurn(() => this.#leave());
  }

  async send(wanted: RequestWanted): Promise<RequestDone> {
    if (this.#watched) return this.#watched.send(wanted);
    throw new TeachError('LESSON_NOT_OPEN', 'No lesson is open in a lab of its own.');
  }

  exchange(copy: string, client: string): Exchange | undefined {
    return this.#watched?.exchange(copy, client);
  }

  close(): Promise<void> {
    return this.leave();
  }

  /** One thing after the other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#under.then(work);
    this.#under = done.catch(() => undefined);
    return done;
  }

  #open(): LessonSession {
    if (this.#session && this.#stage.kind === 'open') return this.#session;
    throw new TeachError('LESSON_NOT_OPEN', 'No lesson is open.');
  }

  async #begin(session: LessonSession): Promise<void> {
    const { lab } = session.room;
    if (lab.name !== this.about) {
      const watched = await this.watch(lab);
      this.#watched = watched;
      watched.subscribe((message) => this.#audience.tell(message));
    }
    this.#tellOpen(session);
  }

  async #leave(): Promise<void> {
    if (this.#stage.kind === 'closed') return;
    await this.#endWatch();
    this.#session = undefined;
    await this.school.removeLab();
    this.#tell({ kind: 'closed' });
  }

  async #endWatch(): Promise<void> {
    const watched = this.#watched;
    this.#watched = undefined;
    await watched?.close();
  }

  #progressOf(lesson: string): Progress {
    return inWords((doing) => this.#tell({ kind: 'opening', lesson, doing }));
  }

  #tellOpen({ lesson, step, room }: LessonSession): void {
    this.#tell({ kind: 'open', lesson: lesson.name, step: step.name, lab: room.lab.name });
  }

  #tell(stage: LessonStage): void {
    this.#stage = stage;
    this.#audience.tell({ kind: 'lesson', stage });
  }
}

const viewOf = ({ lesson, step, room }: LessonSession, language: Language): StepView =>
  stepView(lesson, step, language, room.places);
