/** What is shown: the lab that the page is about, that of the run, or that of the lesson. */
export type Place = 'lab' | 'run' | 'lesson';
