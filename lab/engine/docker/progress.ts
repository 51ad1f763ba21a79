/** What a long piece of work tells whoever waits for it. */
export interface Progress {
  /** Runs `work` and tells its title, how it ended, and how long it took. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>;
  /** One sentence, told at once. */
  note(sentence: string): void;
}

/** Tells nobody. */
export const silent: Progress = {
  step: (_title, work) => work(),
  note: () => undefined,
};
