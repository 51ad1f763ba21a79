/** What the page asks of lab watch. */
import type { Exchange } from '../../lab/web/messages/frame';
import type { PlayWanted, Refusal, RequestDone, RequestWanted } from '../../lab/web/messages/message';
import type { PlayableScenario } from '../../lab/web/messages/run';

/** @throws Error in words when it is refused */
export async function sendRequest(wanted: RequestWanted): Promise<RequestDone> {
  return (await answerOf(
    await fetch('/request', { method: 'POST', body: JSON.stringify(wanted) }),
  )) as RequestDone;
}

/** @throws Error in words when its frames are not kept any more */
export async function askExchange(of: 'lab' | 'run', copy: string, client: string): Promise<Exchange> {
  return (await answerOf(await fetch(`/exchange?${new URLSearchParams({ of, copy, client })}`))) as Exchange;
}

/** @throws Error in words */
export async function askScenarios(): Promise<readonly PlayableScenario[]> {
  return (await answerOf(await fetch('/scenarios'))) as PlayableScenario[];
}

/** @throws Error in words when another one is played already */
export async function play(wanted: PlayWanted): Promise<void> {
  await answerOf(await fetch('/play', { method: 'POST', body: JSON.stringify(wanted) }));
}

/** @throws Error in words */
export async function stop(): Promise<void> {
  await answerOf(await fetch('/stop', { method: 'POST' }));
}

async function answerOf(response: Response): Promise<unknown> {
  const answer = (await response.json()) as unknown;
  if (response.ok) return answer;
  throw new Error((answer as Refusal).message);
}
