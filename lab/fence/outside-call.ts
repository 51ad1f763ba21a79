/** What is told of calls: who called whom, how often, without what is known of and allowed. */
import { keyOf, type Call, type FenceRecord } from './record';

/** A call that went nowhere; or, without a protocol, a name that was asked for and not called. */
export interface OutsideCall {
  /** For people: `server of test`. */
  readonly from: string;
  /** The name that was asked for, or that of the lab's node that was called. */
  readonly name?: string | undefined;
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  readonly protocol?: string | undefined;
  readonly times: number;
}

export interface Telling {
  /** For people. */
  readonly from: string;
  /** Address -> name, of the lab's nodes. */
  readonly nodes: ReadonlyMap<string, string>;
  /** Names and addresses. */
  readonly allowed: ReadonlySet<string>;
}

/** @param before what had been recorded by the time that is looked from; undefined when all counts */
export function outsideCalls(
  { from, nodes, allowed }: Telling,
  after: FenceRecord,
  before?: FenceRecord,
): OutsideCall[] {
  const since = (times: number, earlier: { readonly times: number } | undefined) =>
    times - (earlier?.times ?? 0);
  const calls = after.called.map((call) => {
    const earlier = before?.called.find((one) => keyOf(one) === keyOf(call));
    return { ...wordsOf(call, nodes), from, times: since(call.times, earlier) };
  });
  const named = new Set(calls.flatMap(({ name, times }) => (name !== undefined && times > 0 ? [name] : [])));
  const asked = after.asked
    .filter(({ name }) => !named.has(name))
    .map(({ name, times }) => {
      const earlier = before?.asked.find((one) => one.name === name);
      return { from, name, times: since(times, earlier) };
    });
  const unnamed = after.unnamed - (before?.unnamed ?? 0);
  return [...calls, ...asked, ...(unnamed > 0 ? [{ from, name: 'others', times: unnamed }] : [])].filter(
    ({ times, ...call }: OutsideCall) =>
      times > 0 && !allowed.has(call.name ?? '') && !allowed.has(call.address ?? ''),
  );
}

function wordsOf({ protocol, address, port, name }: Call, nodes: ReadonlyMap<string, string>) {
  const known = name ?? nodes.get(address);
  return {
    ...(known !== undefined && { name: known }),
    address,
    ...(port !== undefined && { port }),
    protocol,
  };
}

/** `server of test called payments.example (198.51.100.1), tcp port 443, 3 times`. */
export function callAsText({ from, name, address, port, protocol, times }: OutsideCall): string {
  const often = times === 1 ? 'once' : `${times.toLocaleString('en-US')} times`;
  if (protocol === undefined) return `${from} asked for ${name}, ${often}`;
  const whom = name === undefined ? address : `${name} (${address})`;
  return `${from} called ${whom}, ${protocol}${port === undefined ? '' : ` port ${port}`}, ${often}`;
}

export const noRecord: FenceRecord = { asked: [], called: [], unnamed: 0 };

/** @param text of its file; whoever has no such file has recorded nothing */
export const recordIn = (text: string): FenceRecord =>
  text.trim() === '' ? noRecord : (JSON.parse(text) as FenceRecord);
