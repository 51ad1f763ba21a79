/** The target of a request, or an address that an answer names, as it may be shown. */
import { HIDDEN } from './differences';
import type { Rules } from './rules';

/** @param redact its places `query:<name>` hide values of the query; whoever stands before an `@` is hidden always */
export function shownTarget(target: string, redact: Rules): string {
  return withoutUser(target).replace(
    /([?&;#])([^=&;#\s]+)=([^&;#\s>"]*)/g,
    (field, before: string, name: string, value: string) =>
      isHidden(decoded(name), redact) || hasHidden(decoded(value), redact)
        ? `${before}${name}=${HIDDEN}`
        : field,
  );
}

const isHidden = (name: string, redact: Rules): boolean =>
  redact.at(`query:${name.toLowerCase()}`) !== undefined;

/** Another address, as where somebody is to be led back to, encoded as often as it may be. */
function hasHidden(value: string, redact: Rules): boolean {
  const names = [...value.matchAll(/(?:^|[?&;#])([^=?&;#\s]+)=/g)].map(([, name]) => name!);
  const inside = decoded(value);
  return (
    names.some((name) => isHidden(decoded(name), redact)) || (inside !== value && hasHidden(inside, redact))
  );
}

export const withoutUser = (target: string): string => target.replace(/\/\/[^/?#@\s]*@/g, '//');

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
