/** Faults of a test server, as new versions have them: each at one route. */
import type { Random } from './random';
import { ROUTES, type Answer, type RouteName } from './service';

export const KINDS = ['status', 'field', 'byte', 'slow', 'unanswered', 'cut-off'] as const;
export type FaultKind = (typeof KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  readonly route: RouteName;
  /** Of its requests. */
  readonly share: number;
}

const JSON_ROUTES: readonly RouteName[] = ['GET /users/{id}', 'POST /orders', 'GET /list'];
const WITH_BODY = ROUTES.filter((route) => !route.startsWith('DELETE'));

export function faultBy(kind: FaultKind, random: Random): Fault {
  const route = random.pick(
    kind === 'field' ? JSON_ROUTES : kind === 'byte' || kind === 'cut-off' ? WITH_BODY : ROUTES,
  );
  return { kind, route, share: kind === 'slow' ? 1 : random.pick([0.1, 0.3, 1]) };
}

/** Changes an answer of the fault's route. */
export function plant({ kind }: Fault, answer: Answer, random: Random): void {
  switch (kind) {
    case 'status':
      answer.status = random.pick([500, 404, 302]);
      return;
    case 'field':
      answer.body = Buffer.from(withoutField(answer.body.toString()));
      return;
    case 'byte':
      answer.body = withAnotherByte(answer.body);
      return;
    case 'slow':
      answer.took_ms *= 10;
      return;
    case 'unanswered':
      answer.isMissing = true;
      return;
    case 'cut-off':
      answer.isCutOff = true;
      return;
  }
}

/** One that is always the same: what changes each time nobody would miss. */
function withoutField(text: string): string {
  const value = JSON.parse(text) as Record<string, unknown>;
  const field = ['balance', 'state', 'total'].find((name) => name in value)!;
  return JSON.stringify(Object.fromEntries(Object.entries(value).filter(([name]) => name !== field)));
}

/** Where it says the same each time. */
function withAnotherByte(body: Buffer): Buffer {
  const texts = ['Main Street', '"new"', 'item ', 'Paragraph 7', 'fine'];
  const text = texts.find((one) => body.includes(one));
  const changed = Buffer.from(body);
  const at = text === undefined ? 2500 : body.indexOf(text) + 1;
  changed[at] = changed[at]! ^ 0x01;
  return changed;
}
