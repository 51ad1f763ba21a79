import { clearingScript, mendingScript } from '../../../src/barrier/mend';
import { wantedChains, type Barrier } from '../../../src/barrier/wanted';
import { parseAddress } from '../../../src/wire/address/address';

const BARRIER: Barrier = {
  queue: 0,
  ports: [8080, 9090],
  passed: [parseAddress('198.18.10.20')!, parseAddress('2001:2:0:10::20')!],
  ownCopies: [{ address: parseAddress('198.18.10.20')!, ports: { first: 61_000, last: 65_535 } }],
};
const WANTED = wantedChains(BARRIER, 4);
const OTHERS = ['-A OUTPUT -d 203.0.113.9/32 -j DROP', '-A INPUT -i lo -j ACCEPT'];

/** What iptables-save prints once the script was carried out on rules of others; those that are inserted stand first. */
function saved(script: string, before: readonly string[] = OTHERS): string {
  const tables = script.split('*').filter(Boolean);
  return tables
    .map((part) => {
      const [name, ...lines] = part.split('\n');
      const inserted = lines.filter((line) => line.startsWith('-I')).toReversed();
      const chains = lines.filter((line) => line.startsWith(':'));
      return [
        `*${name}`,
        ...chains,
        ...inserted.map((line) => line.replace(/^-I (\S+) 1/, '-A $1')),
        ...lines.filter((line) => line.startsWith('-A')),
        ...(name === 'filter' ? before : []),
        'COMMIT',
      ].join('\n');
    })
    .join('\n');
}

const PUT = mendingScript(saved(''), WANTED, 0)!;
const STANDING = saved(PUT);

test('where nothing stands, the net is put there before the rule, each in one step of its own', () => {
  expect([...PUT.matchAll(/^\*(\w+)$/gm)].map(([, table]) => table)).toEqual(['mangle', 'filter']);
  expect(PUT).toMatch(
    /^-I OUTPUT 1 -p tcp -m tcp --sport 8080 -m comment --comment tcpcopy-guard-0-\w{8} -j NFQUEUE --queue-num 0$/m,
  );
  expect(PUT).not.toContain('bypass');
});

test('the net drops own copies, returns the passlist, and drops all others, in this order', () => {
  const net = PUT.split('\n').filter((line) => line.startsWith('-A tcpcopy-guard-0 '));
  expect(net.map((line) => line.split(' ').slice(2).join(' '))).toEqual([
    '-d 198.18.10.20 -p tcp -m tcp --dport 61000:65535 -j DROP',
    '-d 198.18.10.20 -j RETURN',
    '-j DROP',
  ]);
});

test('each family has its own addresses', () => {
  const [net] = wantedChains(BARRIER, 6);
  expect(net!.own!.rules).toEqual(['-d 2001:2:0:10::20 -j RETURN', '-j DROP']);
});

test('what stands is left alone', () => {
  expect(mendingScript(STANDING, WANTED, 0)).toBeUndefined();
});

test.each([
  ['the rule of one port is gone', (line: string) => !/OUTPUT.*--sport 9090/.test(line)],
  ['all rules of the table are gone', (line: string) => !/OUTPUT/.test(line)],
  ['the way into the net is gone', (line: string) => !/POSTROUTING/.test(line)],
  ['a part of the net is gone', (line: string) => !/-A tcpcopy-guard-0 -j DROP/.test(line)],
])('where %s, just that table is mended', (_, stays) => {
  const broken = STANDING.split('\n').filter(stays).join('\n');
  const script = mendingScript(broken, WANTED, 0)!;
  expect(script.match(/^\*/gm)).toHaveLength(1);
  const removed = [...script.matchAll(/^-D (.*)$/gm)].map(([, rule]) => `-A ${rule!}`);
  expect(broken.split('\n').filter((line) => removed.includes(line))).toHaveLength(removed.length);
});

test('a rule that came before is overtaken', () => {
  const overtaken = STANDING.replace('-A OUTPUT', '-A OUTPUT -p tcp --sport 8080 -j ACCEPT\n-A OUTPUT');
  const script = mendingScript(overtaken, WANTED, 0)!;
  expect(script).toContain('-I OUTPUT 1');
  expect([...script.matchAll(/^-D OUTPUT .*tcpcopy-guard-0/gm)]).toHaveLength(2);
});

test('two guards stand beside each other, and neither overtakes the other', () => {
  const another = { ...BARRIER, queue: 1, ports: [7000] };
  const wanted = wantedChains(another, 4);
  const script = mendingScript(STANDING, wanted, 1)!;
  expect(script).not.toContain('-D');
  const both = script
    .split('*')
    .filter(Boolean)
    .reduce((text, part) => {
      const [name, ...lines] = part.split('\n');
      const added = lines
        .filter((line) => /^-[AI:]|^:/.test(line))
        .map((line) => line.replace(/^-I (\S+) 1/, '-A $1'));
      return text.replace(`*${name}\n`, `*${name}\n${added.join('\n')}\n`);
    }, STANDING);
  expect(mendingScript(both, wanted, 1)).toBeUndefined();
  expect(mendingScript(both, WANTED, 0)).toBeUndefined();
});

test('rules of another passlist are put anew', () => {
  const changed = wantedChains({ ...BARRIER, passed: [] }, 4);
  const script = mendingScript(STANDING, changed, 0)!;
  expect([...script.matchAll(/^-D /gm)]).toHaveLength(4);
  expect([...script.matchAll(/^-I /gm)]).toHaveLength(4);
});

test('the rule is taken away first, then the net with its chain, and nothing of others', () => {
  const script = clearingScript(STANDING, WANTED, 0)!;
  expect([...script.matchAll(/^\*(\w+)$/gm)].map(([, table]) => table)).toEqual(['filter', 'mangle']);
  expect([...script.matchAll(/^-D .*$/gm)]).toHaveLength(4);
  expect(script).toContain('-F tcpcopy-guard-0\n-X tcpcopy-guard-0\n');
  expect(script).not.toContain('203.0.113.9');
  expect(clearingScript(saved(''), WANTED, 0)).toBeUndefined();
});

test('for several workers the rule leads to all of their queues, and is another than for one', () => {
  const many = wantedChains({ ...BARRIER, lastQueue: 3 }, 4);
  const script = mendingScript(STANDING, many, 0)!;
  expect(script).toMatch(/-I OUTPUT 1 .* -j NFQUEUE --queue-balance 0:3$/m);
  expect(wantedChains({ ...BARRIER, lastQueue: 0 }, 4)).toEqual(WANTED);
});
