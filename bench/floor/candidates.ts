/** What is compared: ways to send the same packets. */
import type { EngineTask, FramesTask } from './task';

export interface Candidate {
  readonly id: string;
  readonly title: string;
  readonly program: CProgram | OwnProgram;
}

interface CProgram {
  readonly language: 'c';
  readonly socket: 'link' | 'raw';
  /** Packets in a system call. */
  readonly batch: number;
}

type OwnProgram = { readonly language: 'typescript' } & (
  | { readonly kind: 'frames'; readonly io: FramesTask['io'] }
  | { readonly kind: 'engine'; readonly io: EngineTask['io'] }
);

/** The least that it can cost. */
export const FLOOR = 'c-link';
/** What is held against it. */
export const OWN = 'ring';

export const candidates: readonly Candidate[] = [
  {
    id: FLOOR,
    title: 'C, packet socket, sendmmsg of 64',
    program: { language: 'c', socket: 'link', batch: 64 },
  },
  {
    id: 'c-link-10',
    title: 'C, packet socket, sendmmsg of 10',
    program: { language: 'c', socket: 'link', batch: 10 },
  },
  {
    id: OWN,
    title: 'ours, ring, 64 at a time',
    program: { language: 'typescript', kind: 'frames', io: 'ring' },
  },
  { id: 'c-raw', title: 'C, raw IP, sendmmsg of 64', program: { language: 'c', socket: 'raw', batch: 64 } },
  { id: 'c-raw-sendto', title: 'C, raw IP, sendto', program: { language: 'c', socket: 'raw', batch: 1 } },
  {
    id: 'packages',
    title: 'ours, packages (raw IP, sendto)',
    program: { language: 'typescript', kind: 'frames', io: 'packages' },
  },
  {
    id: 'engine-ring',
    title: 'ours, engine and ring, 10 at a time',
    program: { language: 'typescript', kind: 'engine', io: 'ring' },
  },
  {
    id: 'engine',
    title: 'ours, engine alone, nothing sent',
    program: { language: 'typescript', kind: 'engine', io: 'none' },
  },
];

export const sends = ({ program }: Candidate): boolean => program.language === 'c' || program.io !== 'none';
