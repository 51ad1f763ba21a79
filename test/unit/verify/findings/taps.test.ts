import { findInKernelCounts, findInTaps } from '../../../../lab/verify/findings/in-evidence';
import { boundsOf, countersIn, type KernelCount } from '../../../../lab/verify/evidence/kernel-count';
import { markText } from '../../../../lab/verify/frames/marks';
import type { TapEvidence } from '../../../../lab/verify/evidence/tap';
import { allWatches, copies, kernelWatches, responses } from '../../../../lab/verify/evidence/watch';
import { ASSISTANT_HARDWARE, dataLinkScene } from '../world/data-link';
import { capture, fragment, sentTo, tcp, udp, type TestFrame } from '../world/frames';
import { RUN } from '../world/plan';
import { CLIENT, ONLINE, scene, TEST } from '../world/scene';

const watches = allWatches(scene);
const mark = (moment: 'before' | 'after', run = RUN): TestFrame =>
  udp('198.18.10.30', '198.18.10.255', markText(run, moment));
const request = tcp(CLIENT, ONLINE);
const copy = tcp(CLIENT, TEST);

const counts = { responses: 0, 'responses-to-198.18.10.20': 0, copies: 1, requests: 2 };
const healthy = {
  name: 'online',
  place: 'online',
  node: 'online',
  capture: capture([mark('before'), request, copy, request, mark('after')]),
  families: [4],
  droppedByKernel: 0,
  endedEarly: undefined,
  tcpdumpCounts: counts,
} satisfies TapEvidence;

const assistantWatch = kernelWatches(dataLinkScene).find(({ node }) => node === 'assistant')!;

const find = (...taps: TapEvidence[]) => findInTaps(taps, RUN, watches);
const findingsOf = (tap: Partial<TapEvidence>) => find({ ...healthy, ...tap }).findings;

test('a tap that saw both marks, lost nothing and is read alike by tcpdump gives no finding', () => {
  expect(find(healthy)).toEqual({ findings: [], controls: [{ tap: 'online', seen: true }] });
});

describe('a tap is blind', () => {
  test.each([
    ['when it saw no mark', [request, copy, request], 'before and after'],
    ['when it came too late', [request, copy, request, mark('after')], 'before'],
    ['when it ended too early', [mark('before'), request, copy, request], 'after'],
    [
      'when it saw another run’s marks',
      [mark('before', 'zzzz9999'), request, copy, request, mark('after')],
      'before',
    ],
  ])('%s', (_, frames, moments) => {
    const tap = { ...healthy, capture: capture(frames) };
    const { findings, controls } = find(tap);
    expect(findings).toEqual([
      {
        code: 'tap-blind',
        message: `Tap online did not record the mark that was sent ${moments} the load, so that it saw no leak proves nothing.`,
      },
    ]);
    expect(controls).toEqual([{ tap: 'online', seen: false }]);
  });

  test('and tells what tcpdump said when it ended early', () => {
    const tap = { capture: capture([]), tcpdumpCounts: {}, endedEarly: 'tcpdump: eth0: No such device' };
    expect(findingsOf(tap)[0]!.message).toMatch(
      / tcpdump ended early and said: tcpdump: eth0: No such device$/,
    );
  });

  test('to a mark that came as TCP, which the copy might have sent', () => {
    const text = Buffer.from(markText(RUN, 'before'));
    const frames = [tcp(CLIENT, ONLINE, { payload: text }), copy, request, mark('after')];
    expect(findingsOf({ capture: capture(frames) })).toMatchObject([{ code: 'tap-blind' }]);
  });
});

describe('a tap on a network of both families', () => {
  const six = (moment: 'before' | 'after'): TestFrame =>
    udp('2001:2:0:10::30', 'ff02::1', markText(RUN, moment, 6));
  const marked = (...frames: TestFrame[]) => ({
    ...healthy,
    families: [4, 6] as const,
    capture: capture([mark('before'), ...frames, request, copy, request, mark('after')]),
  });

  test('must have seen the marks of both', () => {
    expect(find(marked(six('before'), six('after'))).findings).toEqual([]);
    expect(find(marked(six('before'))).findings).toMatchObject([
      { code: 'tap-blind', message: expect.stringContaining('that was sent after the load') },
    ]);
  });

  test('is not deceived by a mark of one for that of the other', () => {
    expect(find(marked(mark('before'), mark('after'))).findings).toMatchObject([{ code: 'tap-blind' }]);
  });
});

describe('a tap has lost frames', () => {
  test('when the kernel dropped some, and says how many', () => {
    expect(findingsOf({ droppedByKernel: 1 })).toEqual([
      {
        code: 'tap-dropped',
        message: 'Tap online missed 1 frame (dropped by the kernel), so its evidence is incomplete.',
        mend: 'verify again with less other work on this machine',
      },
    ]);
  });

  test('perhaps, when it did not say', () => {
    expect(findingsOf({ droppedByKernel: undefined })).toMatchObject([
      { code: 'tap-dropped', message: 'Tap online did not say how many frames it missed.' },
    ]);
  });
});

describe('a capture is damaged', () => {
  test.each([
    ['cut within a record', healthy.capture.subarray(0, -1)],
    ['cut within a record’s header', capture([mark('before')]).subarray(0, 30)],
    ['cut within its own header', healthy.capture.subarray(0, 20)],
    ['empty', new Uint8Array(0)],
    ['no capture', Buffer.from('tcpdump: you do not have permission to capture')],
  ])('when it is %s, and then says nothing else', (_, bytes) => {
    const { findings, controls } = find({ ...healthy, capture: bytes });
    expect(findings).toMatchObject([
      {
        code: 'tap-damaged',
        message: expect.stringMatching(/^The capture of tap online cannot be read to its end: /),
      },
    ]);
    expect(controls).toEqual([{ tap: 'online', seen: false }]);
  });

  test('does not keep other taps from being read', () => {
    const { findings, controls } = find({ ...healthy, name: 'client', capture: new Uint8Array(0) }, healthy);
    expect(findings).toHaveLength(1);
    expect(controls).toEqual([
      { tap: 'client', seen: false },
      { tap: 'online', seen: true },
    ]);
  });
});

describe('tcpdump’s reading', () => {
  test('that differs is told with both numbers', () => {
    expect(findingsOf({ tcpdumpCounts: { ...counts, requests: 3 } })).toEqual([
      {
        code: 'evidence-disagrees',
        message: 'Tap online: of segments to online:80 we count 2 in the capture, tcpdump counts 3.',
      },
    ]);
  });

  test('that is missing is no agreement', () => {
    const messages = findingsOf({ tcpdumpCounts: {} }).map(({ message }) => message);
    expect(messages).toHaveLength(watches.length);
    expect(messages[0]).toMatch(
      /responses of test:8080 we count 0 in the capture, tcpdump counts nothing at all/,
    );
  });

  test('counts a first fragment, where we count none', () => {
    const frames = [mark('before'), request, copy, fragment(request, 0), mark('after')];
    expect(findingsOf({ capture: capture(frames) })).toMatchObject([{ code: 'evidence-disagrees' }]);
  });
});

describe('the kernel’s counts', () => {
  const test_ = { ...healthy, name: 'test', node: 'test', capture: capture([copy, copy, request]) };
  const watch = { ...copies(scene)[0]!, node: 'test', hook: 'PREROUTING' } as const;
  const count = (
    beforeTap: number,
    tapRuns: number,
    tapStillRuns: number,
    afterTap: number,
  ): KernelCount => ({
    watch,
    beforeTap,
    tapRuns,
    tapStillRuns,
    afterTap,
  });

  test.each([
    [count(10, 10, 12, 12), 2, 2],
    [count(10, 11, 12, 15), 1, 5],
    [count(0, 0, 0, 2), 0, 2],
  ])('%j fit what the tap recorded', (kernel, least, most) => {
    expect(boundsOf(kernel)).toEqual({ least, most });
    expect(findInKernelCounts([kernel], [test_])).toEqual([]);
  });

  test.each([
    ['too few for the tap', count(10, 10, 11, 11), '1'],
    ['too many for the tap', count(10, 10, 13, 13), '3'],
    ['too few even at most', count(9, 9, 10, 10), '1'],
    ['too many even at least', count(0, 1, 4, 9), 'between 3 and 9'],
    ['those of a rule that was taken away', count(10, 10, 0, 0), '-10'],
  ])('%s disagree', (_, kernel, told) => {
    expect(findInKernelCounts([kernel], [test_])).toEqual([
      {
        code: 'evidence-disagrees',
        message: `On test the kernel counted ${told} segments to test:8080 (PREROUTING), the tap recorded 2.`,
      },
    ]);
  });

  test('are compared with the tap in the same node only, and only when it can be read', () => {
    const wrong = count(0, 0, 9, 9);
    expect(findInKernelCounts([wrong], [{ ...test_, node: 'online' }])).toEqual([]);
    expect(findInKernelCounts([wrong], [{ ...test_, capture: test_.capture.subarray(0, -1) }])).toEqual([]);
    expect(findInKernelCounts([wrong], [{ ...test_, node: 'online' }, test_])).toHaveLength(1);
  });

  test('are taken behind the guard, and where clients and online server would get a leak', () => {
    const places = kernelWatches(scene).map(({ id, node, hook }) => `${id} ${node} ${hook}`);
    expect(places).toEqual([
      'responses test POSTROUTING',
      'responses-to-198.18.10.20 test POSTROUTING',
      'copies test PREROUTING',
      'responses online PREROUTING',
      'requests online PREROUTING',
      'responses client PREROUTING',
      'responses client-2 PREROUTING',
    ]);
  });

  test('are read by the comments of their rules', () => {
    const saved = [
      '# Generated by iptables-save v1.8.9 (nf_tables) on Tue Nov 24 21:20:03 2026',
      '*raw',
      ':PREROUTING ACCEPT [314:29100]',
      '[271:16044] -A PREROUTING -d 198.18.10.30/32 -i eth0 -p tcp -m tcp --dport 8080 -m comment --comment verify-abcd1234-PREROUTING-copies',
      '[3:180] -A PREROUTING -p tcp -m comment --comment "two words" -j ACCEPT',
      '[9:540] -A PREROUTING -p udp -j ACCEPT',
      'COMMIT',
    ].join('\n');
    expect(countersIn(saved).get('verify-abcd1234-PREROUTING-copies')).toBe(271);
  });
});

test('a watch of a tap that saw nothing of it counts zero', () => {
  expect(
    findInKernelCounts(
      [
        {
          watch: { ...responses(scene)[0]!, node: 'online', hook: 'PREROUTING' },
          beforeTap: 0,
          tapRuns: 0,
          tapStillRuns: 1,
          afterTap: 1,
        },
      ],
      [healthy],
    ),
  ).toMatchObject([
    { message: 'On online the kernel counted 1 responses of test:8080 (PREROUTING), the tap recorded 0.' },
  ]);
});

test('a watch on a hardware address counts frames to it only', () => {
  const response = tcp(TEST, '198.18.10.130:40000');
  const frames = capture([sentTo(ASSISTANT_HARDWARE, response), response]);
  const count = { watch: assistantWatch, beforeTap: 0, tapRuns: 0, tapStillRuns: 1, afterTap: 1 };
  const tap = { ...healthy, name: 'assistant', node: 'assistant', capture: frames };
  expect(findInKernelCounts([count], [tap])).toEqual([]);
  expect(findInKernelCounts([{ ...count, afterTap: 2, tapStillRuns: 2 }], [tap])).toHaveLength(1);
});
