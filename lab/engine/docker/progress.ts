/** What a long piece of work tells whoever waits for it. */
export interface Progress {
  /** Runs `work` and tells its title, how it ended, and how long it took. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>;
  /** One sentence, told at once. */
  note(sentence: string): void;
}

/** Tells in words what is being done, as it begins. */
export const inWords = (tell: (words: string) => void): Progress => ({
  step: (title, work) => {
    tell(title);
    return work();
  },
  note: tell,
});

/** Tells nobody. */
export const silent: Progress = {
  step: (_title, work) => work(),
  note: () => undefined,
};
