import { Recorder } from '../../../../lab/web/record/recorder';
import { requestsOf } from '../../../../lab/web/record/requests';
import { recordingsIn, recordingsPage } from '../../../../lab/web/record/html';
import type { Exchange, ShownFrame } from '../../../../lab/web/messages/frame';
import { kept, keptRecording } from '../world';

const run = { name: 'loss-1', architecture: 'traditional', seed: 7 } as const;
const nothing = (): undefined => undefined;
const shown = (): ShownFrame[] => kept().map(({ shown: frame }) => frame);

test('of frames none but those of clients and copies are kept, and not without end', () => {
  const recorder = new Recorder();
  const canary: ShownFrame = { ...shown()[0]!, kind: 'canary' };
  recorder.hear({ kind: 'frames', frames: [canary] });
  for (let count = 0; count < 1_000; count += 1) recorder.hear({ kind: 'frames', frames: shown() });
  const frames = recorder
    .finish(run, [], nothing)
    .messages.flatMap(({ message }) => (message.kind === 'frames' ? message.frames : []));
  expect(frames.every(({ kind }) => kind !== 'canary')).toBe(true);
  expect(frames).toHaveLength(5_000);
});

test('connections that spoke when something happened can be gone through, and their frames are cut', () => {
  const recorder = new Recorder();
  const step = { kind: 'moment', moment: 'lost' } as const;
  recorder.hear({ kind: 'step', at_ms: 50_000, step });
  for (let port = 0; port < 100; port += 1) {
    const frames = [{ ...shown()[0]!, from: `198.18.10.10:${port}`, at_ms: port * 1_000 }];
    recorder.hear({ kind: 'frames', frames });
  }
  const asked: string[] = [];
  const long = { ...keptRecording().exchanges[0]!.steps[0]!, rewritten: [] };
  const frame = { ...long.frame, hex: '00'.repeat(1_000), missing_bytes: 5 };
  const exchangeOf = (copy: string, client: string): Exchange => {
    asked.push(client);
    return { copy, client, caught: true, steps: [{ ...long, frame }] };
  };
  const { exchanges } = recorder.finish(run, [], exchangeOf);
  expect(asked).toHaveLength(24);
  expect(asked.slice(0, 2)).toEqual(['198.18.10.10:50', '198.18.10.10:0']);
  expect(exchanges[0]!.steps[0]!.frame).toMatchObject({ hex: '00'.repeat(240), missing_bytes: 765 });
});

test('the requests of a load are those of its seed', () => {
  const profile = { protocol: 'http', seed: 7, run: 'v0000007', purpose: 'lab', requests: 40 } as const;
  const requests = requestsOf(profile);
  expect(requests).toEqual(requestsOf(profile));
  expect(requests).toHaveLength(40);
  expect(new Set(requests.map(({ identity }) => identity)).size).toBe(40);
  expect(requestsOf({ ...profile, seed: 8 })).not.toEqual(requests);
});

describe('a page of recordings', () => {
  test('holds them whole, and its own script and style only', async () => {
    const page = await recordingsPage([keptRecording()]);
    expect(recordingsIn(page).recordings).toEqual([JSON.parse(JSON.stringify(keptRecording()))]);
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'sha256-[^']+'; style-src 'sha256-[^']+'/);
    expect(policy).not.toContain('unsafe');
    expect(page).not.toMatch(/(?:src|href)="(?!data:|#)/);
    expect(page.length).toBeLessThan(300_000);
  });

  test('drops what can be gone through, and then frames, where it would be too long', async () => {
    const one = keptRecording();
    const bytes = Array.from({ length: 60_000 }, (_, index) => Math.sin(index + 1).toString(36)).join('');
    const heavy = { ...one.exchanges[0]!, client: bytes };
    const page = await recordingsPage(
      Array.from({ length: 12 }, (_, at) => ({
        ...one,
        exchanges: [{ ...heavy, client: `${at}${bytes.slice(at * 50_000)}${bytes.slice(0, at * 50_000)}` }],
      })),
    );
    expect(page.length).toBeLessThan(3_000_000);
    expect(recordingsIn(page).recordings.every(({ exchanges }) => exchanges.length === 0)).toBe(true);
  });

  test('another page is none', () => {
    expect(() => recordingsIn('<p>page</p>')).toThrow(/no page of recordings/);
  });
});
