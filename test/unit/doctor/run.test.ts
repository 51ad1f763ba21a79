import { jest } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CAUSES } from '../../../src/doctor/causes';
import { DoctorError } from '../../../src/doctor/collect/machine';
import { ok, wrong, type Diagnosis } from '../../../src/doctor/diagnosis';
import { reportAsText, reportOn } from '../../../src/doctor/report';
import { takeWishes } from '../../../src/doctor/wishes';
import { runDoctor, type Doctor } from '../../../src/doctor/run';
import { portsLedToQueues } from '../../../src/firewall/guard-rules';
import { filterMatches } from '../../../src/kernel/filter/pcap-filter';
import { sampleResponse } from '../../../src/intercept/sample-response';
import { GUARD, ruleSet } from './facts';

const right: Diagnosis = { check: 'route', ...ok('there is one') };
const broken: Diagnosis = { check: 'mtu', ...wrong('mtu-too-large', '9000 bytes', 'tcpcopy -M 1500') };
const open: Diagnosis = { check: 'traffic', verdict: 'unknown', evidence: 'none seen' };

test('what is wrong stands first, with its cause and mend', () => {
  expect(reportAsText('tcpcopy doctor', reportOn([right, open, broken])).split('\n')).toEqual([
    'tcpcopy doctor: 1 thing is wrong (1 right, 1 cannot be told)',
    '',
    '  WRONG  mtu: mtu-too-large: 9000 bytes',
    '         mend: tcpcopy -M 1500',
    '  ?      traffic: none seen',
    '  ok     route: there is one',
  ]);
});

test('what cannot be told makes nothing wrong', () => {
  expect([reportOn([right, open]).verdict, reportOn([open, broken]).verdict]).toEqual(['healthy', 'wrong']);
});

const specs = ['copied', 'client', 'seconds'].map((long) => ({ long, value: 'v', group: 'g', help: 'h' }));

test("the doctor's options are taken out of the program's", () => {
  const argv =
    '-x 80-10.0.0.1:80 --copied 80,10.0.0.1:81,[2001:2:0::30]:82 --client=10.0.0.9,2001:2::9 -d --seconds 5'.split(
      ' ',
    );
  expect(takeWishes(specs, argv)).toEqual({
    wishes: {
      json: false,
      watch_ms: 5000,
      copied: [
        { address: undefined, port: 80 },
        { address: '10.0.0.1', port: 81 },
        { address: '2001:2::30', port: 82 },
      ],
      clients: ['10.0.0.9', '2001:2::9'],
    },
    rest: ['-x', '80-10.0.0.1:80', '-d'],
    faults: [],
  });
});

test.each([
  [['--copied', '0'], '--copied takes'],
  [['--copied'], '--copied takes'],
  [['--copied', '2001:2::30:80'], '--copied takes'],
  [['--copied', '[10.0.0]:80'], '--copied takes'],
  [['--client', 'example.org'], '--client takes'],
  [['--seconds', '61'], '--seconds takes'],
])('%j is refused', (argv, fault) => {
  expect(takeWishes(specs, argv).faults).toEqual([expect.stringContaining(fault)]);
});

describe('a doctor', () => {
  const written: string[] = [];
  const write = (text: unknown): boolean => (written.push(String(text)), true);

  beforeEach(() => {
    written.length = 0;
    jest.spyOn(process.stdout, 'write').mockImplementation(write);
    jest.spyOn(process.stderr, 'write').mockImplementation(write);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    process.exitCode = undefined;
  });

  const doctor = (diagnose: () => Promise<Diagnosis[]>): Doctor<object> => ({
    program: 'tcpcopy',
    specs: [],
    examples: [],
    parse: (argv) =>
      argv.includes('-Z') ? { kind: 'refuse', faults: ['unknown option -Z'] } : { kind: 'run', options: {} },
    diagnose,
  });

  test.each<[string, string[], () => Promise<Diagnosis[]>, number, string]>([
    ['nothing is wrong', [], () => Promise.resolve([right, open]), 0, 'nothing is wrong'],
    ['something is', ['--json'], () => Promise.resolve([broken]), 1, '"verdict": "wrong"'],
    ['it cannot look', [], () => Promise.reject(new DoctorError('ip is not installed')), 1, 'not installed'],
    ['it was called wrongly', ['-Z'], () => Promise.resolve([]), 2, 'unknown option -Z'],
    ['it is asked for help', ['--help'], () => Promise.resolve([]), 0, '--json'],
  ])('tells by its status that %s', async (_, argv, diagnose, status, said) => {
    await runDoctor(doctor(diagnose), argv);
    expect(process.exitCode ?? 0).toBe(status);
    expect(written.join('')).toContain(said);
  });
});

test('the ports of rules with a queue are those that are copied', () => {
  const lines = [
    GUARD,
    '-A OUTPUT -p tcp -m multiport --sports 80,443,9000:9100 -j NFQUEUE --queue-num 1',
    '-A OUTPUT -p tcp -m tcp ! --sport 22 -j NFQUEUE',
    '-A OUTPUT -p tcp -m tcp --sport 25 -j DROP',
  ];
  expect(portsLedToQueues(ruleSet(...lines))).toEqual([8080, 80, 443]);
});

test.each<[string, boolean, boolean]>([
  ['tcp and src port 8080', true, true],
  ['tcp and src port 8081', false, false],
  ['tcp', true, true],
  ['udp', false, false],
  ['tcp and dst port 8080', false, false],
  ['ip6 and tcp src port 8080', false, true],
  ['ip and tcp src port 8080', true, false],
])(
  'whether the filter %j lets a response of port 8080 through is asked from libpcap, for either family',
  (filter, overIpv4, overIpv6) => {
    const lets = ([4, 6] as const).map((family) => filterMatches(filter, sampleResponse(8080, family)));
    expect(lets).toEqual([overIpv4, overIpv6]);
  },
);

test('every cause is broken on purpose by some test of its check', () => {
  const tests = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('-checks.test.ts'))
    .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
    .join('\n');
  expect(Object.keys(CAUSES).filter((cause) => !tests.includes(`'${cause}'`))).toEqual([]);
});
