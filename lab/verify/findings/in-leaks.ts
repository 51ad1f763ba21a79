/** What got past the guard, in one sentence. */
import type { Scene } from '../evidence/scene';
import type { Leaks } from '../leaks/leaks';
import { counted, type Finding } from './finding';

export function findInLeaks(leaks: Leaks, scene: Scene): Finding[] {
  if (leaks.frames === 0) return [];
  const seen = Object.entries(leaks.byTap)
    .filter(([, frames]) => frames > 0)
    .map(([tap, frames]) => `${tap} ${frames}`)
    .join(', ');
  const first = leaks.first[0]!;
  const calls = leaks.names.includes('outside-call');
  const past = !calls ? 'guard' : leaks.names.length === 1 ? 'fence' : 'guard or the fence';
  const whose = past === 'fence' ? scene.test.name : `${scene.test.name}:${scene.test.port}`;
  return [
    {
      code: 'leak',
      message:
        `${counted(leaks.frames, 'frame')} of ${whose} got past the ${past} ` +
        `(seen at: ${seen}). The first: ${first.text}`,
    },
  ];
}
