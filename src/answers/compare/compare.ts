/** The answers that two servers gave to the same request: what differs. */
import { isWhole } from '../reading/body';
import type { Exchange, Outcome } from '../reading/exchange';
import { Differences, type Difference, type DifferenceRules } from './differences';
import { compareHttp } from './http';
import { compareRedis } from './redis';
import { compareBytes } from './text';

export interface Compared {
  readonly differences: Differences;
  /** `unjudged`: one of both may have been answered for all that the captures show, or its content could not be looked into. */
  readonly verdict: 'same' | 'different' | 'unjudged';
}

export interface CompareOptions {
  readonly rules: DifferenceRules;
  /** Of a body, decoded, that is looked into. */
  readonly body_bytes: number;
}

export function compareExchanges(
  online: Exchange,
  test: Exchange,
  { rules, body_bytes }: CompareOptions,
): Compared {
  const differences = new Differences(rules);
  if (online.outcome === 'open' || test.outcome === 'open') return { differences, verdict: 'unjudged' };
  const answers = [online.outcome, test.outcome].map((outcome) => outcome === 'whole');
  // Where the online server gave none that is whole, the test server cannot be held to it.
  if (!answers[0]) {
    if (online.outcome === 'none' && test.outcome !== 'none')
      differences.add('answer', undefined, outcomeText(test), 'not expected');
    return verdictOf(differences, test.outcome === online.outcome || differences.found.length > 0);
  }
  if (!answers[1]) {
    differences.add('answer', outcomeText(online), outcomeText(test), KINDS[test.outcome]);
    return verdictOf(differences, true);
  }
  return verdictOf(differences, compareWhole(online, test, body_bytes, differences));
}

function compareWhole(
  online: Exchange,
  test: Exchange,
  body_bytes: number,
  differences: Differences,
): boolean {
  const [ours, theirs] = [online.response!, test.response!];
  const shortened = online.shortened ?? test.shortened ?? false;
  if (ours.protocol === 'http' && theirs.protocol === 'http')
    return compareHttp(ours, theirs, { body_bytes, shortened }, differences);
  if (shortened)
    return (
      ours.protocol === 'bytes' && theirs.protocol === 'bytes' && ours.body.digest === theirs.body.digest
    );
  if (ours.protocol === 'redis' && theirs.protocol === 'redis') {
    compareRedis(ours.value, theirs.value, differences);
    return true;
  }
  if (ours.protocol !== 'bytes' || theirs.protocol !== 'bytes') {
    differences.add('answer', { raw: ours.protocol }, { raw: theirs.protocol }, 'type');
    return true;
  }
  if (ours.body.digest === theirs.body.digest) return true;
  compareBytes('body', ours.body.kept, theirs.body.kept, differences);
  // What is kept of both is the same: it lies behind that.
  if (differences.found.length === 0 && !(isWhole(ours.body) && isWhole(theirs.body)))
    differences.add(
      'body',
      { raw: '', shown: `${ours.body.length} bytes` },
      { raw: '', shown: `${theirs.body.length} bytes, another digest` },
    );
  return true;
}

const verdictOf = (differences: Differences, judged: boolean): Compared => ({
  differences,
  verdict: differences.found.length > 0 ? 'different' : judged ? 'same' : 'unjudged',
});

const KINDS: Readonly<Record<Outcome, Difference['kind']>> = {
  whole: 'changed',
  open: 'changed',
  'cut-off': 'broke off',
  unreadable: 'unreadable',
  none: 'no answer',
};

function outcomeText({ outcome, response }: Exchange): { readonly raw: string } {
  const what = {
    whole: 'whole',
    open: 'not known',
    'cut-off': 'broke off',
    unreadable: 'no answer of this protocol',
    none: 'none',
  }[outcome];
  if (response?.protocol === 'http')
    return { raw: `${what}: status ${response.status}, ${response.body.length} bytes of body` };
  if (response?.protocol === 'bytes') return { raw: `${what}: ${response.body.length} bytes` };
  return { raw: what };
}
