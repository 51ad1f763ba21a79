/** What an option file says otherwise than what a running program was given, and which of that it can take over. */

/** Options by their long names, as the command line and the configuration file give them together; a switch is `true`. */
export type Given = ReadonlyMap<string, string | true>;

export interface Changes {
  /** By long name: what was, and what is now; `default` where it is not given. */
  readonly taken: Readonly<Record<string, string>>;
  /** Long names of what stays as it was. */
  readonly left: readonly string[];
  /** What is in force behind it. */
  readonly given: Given;
}

/** @param changeable long names of what may change while the program runs */
export function changesBetween(before: Given, after: Given, changeable: ReadonlySet<string>): Changes {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const changed = names.filter((name) => before.get(name) !== after.get(name)).toSorted();
  const taken = changed.filter((name) => changeable.has(name));
  const given = new Map(before);
  for (const name of taken) {
    const value = after.get(name);
    if (value === undefined) given.delete(name);
    else given.set(name, value);
  }
  const said = (value: string | true | undefined): string => (value === true ? 'on' : (value ?? 'default'));
  return {
    taken: Object.fromEntries(
      taken.map((name) => [name, `${said(before.get(name))} -> ${said(after.get(name))}`]),
    ),
    left: changed.filter((name) => !changeable.has(name)),
    given,
  };
}
