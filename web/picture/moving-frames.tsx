/** Frames, one by one, on their way. */
import { useEffect, useRef } from 'preact/hooks';
import type { ShownFrame } from '../../lab/web/messages/frame';
import { legOf, type Leg } from './layout';

const TRAVEL_MS = 900;
/** Between two frames that leave one after the other, so that they can be told apart. */
const BEHIND_MS = 90;
/** At once; more would be no frames, but a flow. */
const MOVING_MAX = 60;
const SVG = 'http://www.w3.org/2000/svg';

interface Props {
  readonly frames: readonly ShownFrame[];
  readonly legs: readonly Leg[];
  readonly shown: boolean;
}

export function MovingFrames({ frames, legs, shown }: Props) {
  const group = useRef<SVGGElement>(null);
  const last = useRef(-1);
  const next_ms = useRef(0);

  useEffect(() => {
    const fresh = frames.filter(({ id }) => id > last.current);
    const isFirst = last.current < 0;
    last.current = frames.at(-1)?.id ?? last.current;
    // What went by before this page was opened is in the list.
    if (isFirst || !shown || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    for (const frame of fresh) {
      const leg = legOf(legs, frame);
      if (!leg || group.current!.childElementCount >= MOVING_MAX) continue;
      const now_ms = performance.now();
      next_ms.current = Math.max(now_ms, next_ms.current + BEHIND_MS);
      move(group.current!, frame, leg, next_ms.current - now_ms);
    }
  }, [frames, legs, shown]);

  return <g ref={group} class="moving" aria-hidden="true" />;
}

function move(
  group: SVGGElement,
  { kind, flags, length_bytes }: ShownFrame,
  { from, to }: Leg,
  delay: number,
): void {
  const frame = document.createElementNS(SVG, 'g');
  frame.setAttribute('class', `frame ${kind}`);
  const dot = document.createElementNS(SVG, 'circle');
  dot.setAttribute('r', length_bytes > 0 ? '8' : '5');
  const text = document.createElementNS(SVG, 'text');
  text.setAttribute('y', '-11');
  text.textContent = length_bytes > 0 ? `${flags} ${length_bytes}` : flags;
  frame.append(dot, text);
  group.append(frame);
  const at = ({ x, y }: { x: number; y: number }): string => `translate(${x}px, ${y}px)`;
  const travel = frame.animate(
    [
      { transform: at(from), opacity: 1 },
      { transform: at(to), opacity: 1, offset: 0.9 },
      // A response ends at the guard.
      { transform: at(to), opacity: 0 },
    ],
    { duration: TRAVEL_MS, delay, fill: 'both' },
  );
  const remove = (): void => frame.remove();
  travel.finished.then(remove, remove);
}
