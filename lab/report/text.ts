/** A verification for people: the verdict, the figures that it rests on, and the reasons with their mends. */
import { counted } from '../verify/findings/finding';
import type { ServerTimes } from '../verify/evidence/response-times';
import type { OwnLoad } from '../verify/evidence/evidence';
import type { LedgerCounts } from '../verify/ledger/ledger';
import type { StreamBytes, Verification } from '../verify/verification';

const EXPOSURES_MAX = 3;

export function reportAsText(verification: Verification): string {
  const { verdict, reasons, notes, requests, streams, leaks, controls, profile } = verification;
  const seen = controls.filter((control) => control.seen).length;
  const figures: [string, string][] = [
    ...(streams ? streamLines(requests, streams) : requestLines(requests)),
    ...leftOutLine(verification),
    ...familyLines(verification),
    ['leaks', `${counted(leaks.frames, 'frame')}${exposureNote(leaks.exposures.length)}`],
    ...outsideLine(verification),
    [
      'controls',
      `${seen} of ${controls.length} taps saw both marks (${controls.map(({ tap }) => tap).join(', ')})`,
    ],
    ...(profile.protocol === 'bytes'
      ? ownLoadLines(verification, profile)
      : loadLines(verification, profile)),
    ...timesLines(verification),
    ...clockLines(verification),
  ];
  return [
    verdict === 'pass' ? success(verification) : failure(reasons.length),
    '',
    ...figures.map(([name, text]) => `  ${name.padEnd(12)}${text}`),
    ...(reasons.length > 0 ? ['', ...reasons.flatMap(findingLines)] : []),
    ...(notes.length > 0 ? ['', ...notes.flatMap(findingLines)] : []),
    ...(leaks.first.length > 0 ? ['', '  The first frames that leaked:', ...leaks.first.map(frameLine)] : []),
    ...(leaks.exposures.length > 0
      ? [
          '',
          '  The first that show the copy:',
          ...leaks.exposures.slice(0, EXPOSURES_MAX).map(({ text }) => `    ${text}`),
        ]
      : []),
  ].join('\n');
}

const failure = (reasons: number): string =>
  `FAIL  ${reasons === 1 ? 'for one reason' : `for ${reasons} reasons`}`;

function success({ requests: { doubtful }, streams, leftOut }: Verification): string {
  const what = `${streams ? 'byte' : 'request'}${leftOut ? ' of a copied connection' : ''}`;
  const sure = doubtful === 0 ? '' : ' that is not in doubt';
  const how = streams ? 'arrived once and in order' : 'arrived once, byte for byte';
  return `PASS  every ${what}${sure} ${how}, and nothing leaked`;
}

function requestLines(requests: LedgerCounts): [string, string][] {
  return [
    ['requests', `${requests.sent} sent, ${requests.online} at online, ${requests.test} at test`],
    [
      'deviations',
      `${requests.missing} missing, ${requests.duplicated} duplicated, ${requests.altered} altered, ` +
        `${requests.reordered} out of order${further(requests.unexpected, 'unexpected')}${further(requests.doubtful, 'in doubt')}`,
    ],
  ];
}

/** A connection counts by the first byte that differs in it. */
function streamLines(connections: LedgerCounts, { online, test }: StreamBytes): [string, string][] {
  return [
    [
      'streams',
      `${counted(connections.online, 'connection')} with ${counted(online, 'byte')} at online, ` +
        `${connections.test} with ${counted(test, 'byte')} at test`,
    ],
    [
      'deviations',
      `connections with bytes missing ${connections.missing}, duplicated ${connections.duplicated}, ` +
        `altered ${connections.altered}, unexpected ${connections.unexpected}${further(connections.doubtful, 'in doubt')}`,
    ],
  ];
}

/** What is seldom there. */
const further = (count: number, what: string): string => (count === 0 ? '' : `, ${count} ${what}`);

const leftOutLine = ({ leftOut }: Verification): [string, string][] =>
  leftOut
    ? [
        [
          'left out',
          `${counted(leftOut.requests, 'request')} of ${counted(leftOut.connections, 'connection')}, as tcpcopy counted: ` +
            'clients brought more than its machine could copy',
        ],
      ]
    : [];

/** Nothing to be told where IPv4 alone is copied. */
function familyLines({ families, streams, leaks }: Verification): [string, string][] {
  if (!families.some(({ family }) => family === 6)) return [];
  const what = streams ? 'connections' : 'requests';
  const lines = families.map(
    ({ family, online, test }) =>
      `IPv${family}: ${online} ${what} at online, ${test} at test, ${counted(leaks.byFamily[family], 'frame')} leaked`,
  );
  return lines.map((line, index) => [index === 0 ? 'families' : '', line]);
}

const outsideLine = ({ fences, outside }: Verification): [string, string][] =>
  fences === 0
    ? []
    : [
        [
          'outside',
          outside.length === 0
            ? 'nobody was called'
            : `${counted(outside.length, 'call')} to others, which went nowhere`,
        ],
      ];

const exposureNote = (exposures: number): string =>
  exposures === 0
    ? ''
    : ` (and ${counted(exposures, 'exposure')}: frames that show the copy, and carry nothing of it)`;

function loadLines(
  verification: Verification,
  profile: Exclude<Verification['profile'], OwnLoad>,
): [string, string][] {
  const { directAnswers } = verification.load;
  return [
    ['passlist', `${counted(directAnswers, 'answer')} to the online server's own requests`],
    ['load', loadLine(verification)],
    ['repeat', `lab verify --seed ${profile.seed} --requests ${profile.requests}`],
  ];
}

function ownLoadLines({ load }: Verification, { argv, node }: OwnLoad): [string, string][] {
  return [
    ['passlist', `${counted(load.directAnswers, 'connection')} of the online server's own`],
    ['load', `${argv.join(' ')} on ${node}, ${(load.duration_ms / 1000).toFixed(1)} s`],
  ];
}

/** What a time is worth that is known by what clients acknowledged. */
const atMost = (by: ServerTimes['by']): string => (by === 'acknowledgments' ? 'at most ' : '');

function timesLines({ times, clocks }: Verification): [string, string][] {
  const transfers = new Set(times.map(({ transfer }) => transfer));
  const lines = times.map(({ of, by, transfer, count, first_byte_ms, last_byte_ms, clock_error_ms }) => {
    const [first, last] = [first_byte_ms, last_byte_ms];
    const whose = transfers.size > 1 ? `${of} of ${transfer}` : of;
    const figures = `${figure(first.p50)} median, ${figure(first.p99)} 99 % to the first byte, ${figure(last.p50)} and ${figure(last.p99)} to the last`;
    // Between an online server and an intercept of another machine.
    const error =
      clocks.length === 0 || of === 'online server' ? '' : `, ± ${exactness(clock_error_ms)} by the clocks`;
    return `${whose}, ${counted(count, 'answer')}: ${atMost(by)}${figures}${error}`;
  });
  return lines.map((line, index) => [index === 0 ? 'times' : '', line]);
}

const exactness = (error_ms: number | undefined): string =>
  error_ms === undefined ? 'what is not known' : figure(error_ms);

const clockLines = ({ clocks }: Verification): [string, string][] =>
  clocks.map((clock, index) => [index === 0 ? 'clocks' : '', clockText(clock)]);

function clockText({ engine, reference, reading }: Verification['clocks'][number]): string {
  if (!reading)
    return `that of ${engine} is not known to stand to that of ${reference}: no marks passed both ways`;
  const { ahead_ms, error_ms } = reading;
  const stands = `${figure(Math.abs(ahead_ms))} ${ahead_ms < 0 ? 'behind' : 'ahead of'}`;
  return `that of ${engine} is ${stands} that of ${reference}, ± ${figure(error_ms)}; times are told by the latter`;
}

const figure = (time_ms: number): string => `${time_ms.toFixed(3)} ms`;

function loadLine({ load }: Verification): string {
  const latency = load.latency
    .map(({ p50_ms, p99_ms }) => `${p50_ms} ms median, ${p99_ms} ms 99 %`)
    .join('; ');
  return `${counted(load.connections, 'connection')} in ${(load.duration_ms / 1000).toFixed(1)} s, ${latency}`;
}

function findingLines({ code, message, mend }: Verification['reasons'][number]): string[] {
  return [`  ${code}: ${message}`, ...(mend === undefined ? [] : [`    mend: ${mend}`])];
}

function frameLine({ time, tap, name, text }: Verification['leaks']['first'][number]): string {
  return `    ${new Date(time * 1000).toISOString().slice(11, 23)}  ${tap}: ${text} (${name})`;
}
