/** A verification for people: the verdict, the figures that it rests on, and the reasons with their mends. */
import { counted } from '../verify/findings/finding';
import type { Verification } from '../verify/verification';

const EXPOSURES_MAX = 3;

export function reportAsText(verification: Verification): string {
  const { verdict, reasons, notes, requests, leftOut, leaks, controls, load, profile } = verification;
  const seen = controls.filter((control) => control.seen).length;
  const figures: [string, string][] = [
    ['requests', `${requests.sent} sent, ${requests.online} at online, ${requests.test} at test`],
    [
      'deviations',
      `${requests.missing} missing, ${requests.duplicated} duplicated, ${requests.altered} altered, ` +
        `${requests.reordered} out of order${further(requests.unexpected, 'unexpected')}${further(requests.doubtful, 'in doubt')}`,
    ],
    ...leftOutLine(verification),
    ['leaks', `${counted(leaks.frames, 'frame')}${exposureNote(leaks.exposures.length)}`],
    [
      'controls',
      `${seen} of ${controls.length} taps saw both marks (${controls.map(({ tap }) => tap).join(', ')})`,
    ],
    ['passlist', `${counted(load.directAnswers, 'answer')} to the online server's own requests`],
    ['load', loadLine(verification)],
    ['repeat', `lab verify --seed ${profile.seed} --requests ${profile.requests}`],
  ];
  return [
    verdict === 'pass' ? success(requests.doubtful, leftOut !== undefined) : failure(reasons.length),
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

/** @param isPart some connections were left out */
const success = (doubtful: number, isPart: boolean): string =>
  `PASS  every request${isPart ? ' of a copied connection' : ''}${doubtful === 0 ? '' : ' that is not in doubt'} ` +
  'arrived once, byte for byte, and nothing leaked';

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

const exposureNote = (exposures: number): string =>
  exposures === 0
    ? ''
    : ` (and ${counted(exposures, 'exposure')}: frames that show the copy, and carry nothing of it)`;

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
