import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TRANSITIONS } from '../../../src/session/connection/states';

const page = readFileSync(join(import.meta.dirname, '../../../docs/architecture.md'), 'utf8');
const diagram = /^```mermaid\n(stateDiagram-v2[^]*?)^```$/m.exec(page)![1]!;

/** Every transition of a diagram as `from event to`; one that leaves a composite state leaves each state within it. */
function transitionsIn(text: string): string[] {
  const names = new Map([...text.matchAll(/state "(.+)" as (\w+)$/gm)].map(([, name, id]) => [id!, name!]));
  const nameOf = (id: string): string => names.get(id) ?? id;
  const composites = new Map(
    [...text.matchAll(/state (?:".+" as )?(\w+) \{([^]*?)\}/g)].map(([, id, inside]) => [
      id!,
      new Set([...inside!.matchAll(/\w+(?= -->)|(?<=--> )\w+/g)].map(([state]) => state)),
    ]),
  );
  return [...text.matchAll(/^\s*(\w+) --> (\w+): (\S+)$/gm)].flatMap(([, from, to, event]) =>
    [...(composites.get(from!) ?? [from!])].map((each) => `${nameOf(each)} ${event} ${nameOf(to!)}`),
  );
}

test('the diagram of the session has exactly the transitions of the table', () => {
  const table = Object.entries(TRANSITIONS).flatMap(([from, events]) =>
    Object.entries(events).map(([event, to]) => `${from} ${event} ${to}`),
  );
  expect(transitionsIn(diagram).toSorted()).toEqual(table.toSorted());
});
