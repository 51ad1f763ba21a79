/** A request as the command that a client sends it with. */
import type { Speech } from '../../topology/servers/speech';
import type { SceneServer } from '../../verify/evidence/scene';
import type { RequestWanted } from '../messages/message';

const ANSWER_WITHIN_S = 10;

export interface RequestCommand {
  readonly argv: readonly string[];
  readonly input: string;
}

export class RequestError extends Error {
  constructor(
    readonly code: 'REQUEST_UNUSABLE' | 'REQUEST_FAILED',
    message: string,
  ) {
    super(message);
    this.name = 'RequestError';
  }
}

/**
 * @param speech what the server understands; undefined when nobody knows
 * @param port of the client, by which its frames are known
 * @throws RequestError when it is no request for that server
 */
export function requestCommand(
  { name, port: serverPort }: SceneServer,
  speech: Speech | undefined,
  { method, target, body }: RequestWanted,
  port: number,
): RequestCommand {
  if (speech === undefined)
    throw new RequestError('REQUEST_UNUSABLE', `It is not known what ${name} understands.`);
  const curl = ['curl', '-sS', '--max-time', String(ANSWER_WITHIN_S), '--local-port', String(port)];
  // Commands may be words on a line (Redis' inline commands); curl's telnet passes them on as they are.
  if (speech === 'redis')
    return { argv: [...curl, '--', `telnet://${name}:${serverPort}`], input: `${target}\r\nQUIT\r\n` };
  // Anything else would become a part of the host's name.
  if (!target.startsWith('/'))
    throw new RequestError('REQUEST_UNUSABLE', `The path ${target} does not begin with a slash.`);
  const options = [
    ...['-i', '--globoff', '--path-as-is'],
    ...(speech === 'http2' ? ['--http2-prior-knowledge'] : []),
    ...(method === 'HEAD' ? ['-I'] : ['-X', method]),
    ...(body === '' ? [] : ['--data-binary', '@-']),
  ];
  return { argv: [...curl, ...options, '--', `http://${name}:${serverPort}${target}`], input: body };
}
