/** The route of a request: what kind of question it is, whoever asks; and the request as it may be shown. */
import { cut, HIDDEN } from '../compare/differences';
import { ID, looksLikeId } from '../compare/folding';
import type { Rules } from '../compare/rules';
import { shownTarget, withoutUser } from '../compare/target';
import type { RedisRequest, Request } from '../reading/exchange';

export interface Route {
  /** The method, or the command. */
  readonly head: string;
  /** Of the path, or of the key; ids by their form are folded. */
  readonly segments: readonly string[];
  readonly separator: '/' | ':' | '';
}

const SEGMENTS_MAX = 12;

export function routeOf(request: Request): Route {
  switch (request.protocol) {
    case 'http':
      return {
        head: request.method,
        segments: folded(pathOf(withoutUser(request.target)).split('/')),
        separator: '/',
      };
    case 'redis': {
      const { command, key = '' } = commandOf(request);
      return { head: command.toUpperCase(), segments: folded(key.split(':')), separator: ':' };
    }
    case 'bytes':
      return { head: 'bytes', segments: [], separator: '' };
  }
}

export const routeText = ({ head, segments, separator }: Route): string =>
  segments.length === 0 || (segments.length === 1 && segments[0] === '')
    ? head
    : `${head} ${segments.join(separator)}`;

function folded(segments: readonly string[]): string[] {
  const some = segments.slice(0, SEGMENTS_MAX).map((one) => (looksLikeId(one) ? ID : cut(one)));
  return segments.length > SEGMENTS_MAX ? [...some, '…'] : some;
}

/** Without the query; of the absolute form of a proxy's request too (RFC 9112, section 3.2). */
const pathOf = (target: string): string => /^(?:https?:\/\/[^/?#]*)?([^?#]*)/.exec(target)?.[1] ?? target;

/** Commands whose first argument is no key: a password may be among these, or a whole script. */
const KEYLESS = new Set([
  'AUTH',
  'HELLO',
  'ACL',
  'CONFIG',
  'MIGRATE',
  'EVAL',
  'EVALSHA',
  'SCRIPT',
  'FUNCTION',
]);

function commandOf({ words }: RedisRequest): { readonly command: string; readonly key: string | undefined } {
  const [command = '', key] = words;
  return { command, key: KEYLESS.has(command.toUpperCase()) ? undefined : key };
}

const SHOWN_BYTES = 60;

/** @param redact rules of places `query:<name>` hide values of the query, `body` hides requests that are only bytes */
export function requestText(request: Request, redact: Rules): string {
  if (request.protocol === 'http') return cut(`${request.method} ${shownTarget(request.target, redact)}`);
  if (request.protocol === 'redis') {
    const { command, key } = commandOf(request);
    const more = request.words.length - (key === undefined ? 1 : 2);
    return cut(`${command}${key === undefined ? '' : ` ${key}`}${more > 0 ? ` (and ${more} more)` : ''}`);
  }
  const { body } = request;
  if (redact.at('body') !== undefined) return `${body.length} bytes ${HIDDEN}`;
  const text = body.kept
    .subarray(0, SHOWN_BYTES)
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, '·');
  return `${body.length} bytes: ${text}`;
}
