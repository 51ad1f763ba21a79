/** Two Redis values, by what is in them. */
import { isWhole } from '../reading/body';
import type { RedisNode, RedisValue } from '../reading/resp';
import type { Differences } from './differences';
import { compareJson } from './json';

export function compareRedis(online: RedisValue, test: RedisValue, differences: Differences): void {
  compareJson('value:$', plainOf(online.node), plainOf(test.node), differences);
}

/** As JSON would have it. Members of a set have no order; RESP2 has lists where RESP3 has maps, which is another answer. */
function plainOf(node: RedisNode): unknown {
  switch (node.kind) {
    case 'plain':
      return plain(node.type, node.text);
    case 'text':
      return textOf(node);
    case 'error':
      return { error: textOf(node) };
    case 'set':
      return { set: withCount(node.items.map(plainOf).map(sortable).toSorted(), node.left_out) };
    case 'map':
      return fieldsOf(node.items);
    case 'list':
    case 'push':
      return withCount(node.items.map(plainOf), node.left_out);
  }
}

const sortable = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function plain(type: string, text: string): unknown {
  if (type === '_') return null;
  if (type === '#') return text === 't';
  const isExact = /^-?\d{1,15}$/.test(text);
  return isExact ? Number(text) : `\u0000${text}`;
}

function textOf({ body }: Extract<RedisNode, { kind: 'text' | 'error' }>): string {
  if (isWhole(body)) return body.kept.toString('utf8');
  return `${body.length} bytes, SHA-256 ${body.digest.slice(0, 16)}…`;
}

const withCount = (items: readonly unknown[], left_out: number): unknown =>
  left_out === 0 ? items : [...items, `and ${left_out} items that are not compared`];

function fieldsOf(items: readonly RedisNode[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (let at = 0; at + 1 < items.length; at += 2)
    fields[sortable(plainOf(items[at]!))] = plainOf(items[at + 1]!);
  return fields;
}
