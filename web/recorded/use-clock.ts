/** Where in a recording its reader is. */
import { useEffect, useState } from 'preact/hooks';

const TICK_MS = 100;

export interface Clock {
  readonly at_ms: number;
  readonly playing: boolean;
  /** Grows whenever the reader goes somewhere, instead of time. */
  readonly jumps: number;
  readonly play: () => void;
  readonly pause: () => void;
  readonly go: (at_ms: number) => void;
}

/** @param speed of recorded time to the reader's: less than 1 is slow motion */
export function useClock(duration_ms: number, speed: number): Clock {
  const [{ at_ms, playing, jumps }, set] = useState({ at_ms: 0, playing: false, jumps: 0 });

  useEffect(() => {
    if (!playing) return undefined;
    const timer = setInterval(() => {
      set((before) => {
        const next_ms = Math.min(duration_ms, before.at_ms + TICK_MS * speed);
        return { ...before, at_ms: next_ms, playing: next_ms < duration_ms };
      });
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [playing, speed, duration_ms]);

  return {
    at_ms,
    playing,
    jumps,
    play: () =>
      set((before) =>
        before.at_ms >= duration_ms
          ? { at_ms: 0, playing: true, jumps: before.jumps + 1 }
          : { ...before, playing: true },
      ),
    pause: () => set((before) => ({ ...before, playing: false })),
    go: (to_ms) =>
      set((before) => ({
        ...before,
        at_ms: Math.max(0, Math.min(duration_ms, to_ms)),
        jumps: before.jumps + 1,
      })),
  };
}
