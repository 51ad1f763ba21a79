/** What the page asks of lab watch. */
import type { Exchange } from '../../lab/web/messages/frame';
import type { Refusal, RequestDone, RequestWanted } from '../../lab/web/messages/message';

/** @throws Error in words when it is refused */
export async function sendRequest(wanted: RequestWanted): Promise<RequestDone> {
  return (await answerOf(
    await fetch('/request', { method: 'POST', body: JSON.stringify(wanted) }),
  )) as RequestDone;
}

/** @throws Error in words when its frames are not kept any more */
export async function askExchange(copy: string, client: string): Promise<Exchange> {
  return (await answerOf(await fetch(`/exchange?${new URLSearchParams({ copy, client })}`))) as Exchange;
}

async function answerOf(response: Response): Promise<unknown> {
  const answer = (await response.json()) as unknown;
  if (response.ok) return answer;
  throw new Error((answer as Refusal).message);
}
