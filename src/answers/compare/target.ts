/** The target of a request, or an address that an answer names, as it may be shown. */
import { HIDDEN } from './differences';
import type { Rules } from './rules';

/** @param redact its places `query:<name>` hide values of the query; whoever stands before an `@` is hidden always */
export function shownTarget(target: string, redact: Rules): string {
  return withoutUser(target).replace(
    /([?&;])([^=&;#\s]+)=([^&;#\s>"]*)/g,
    (field, before: string, name: string) =>
      redact.at(`query:${decoded(name).toLowerCase()}`) === undefined ? field : `${before}${name}=${HIDDEN}`,
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
