/** What the reader has chosen, kept in the browser. */
import { useState } from 'preact/hooks';

/** @param allowed what may have been kept */
export function usePreference<T extends string>(
  name: string,
  allowed: readonly T[],
  first: T,
): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => allowed.find((one) => one === kept(name)) ?? first);
  const choose = (chosen: T): void => {
    setValue(chosen);
    try {
      localStorage.setItem(name, chosen);
    } catch {
      // A page from the file system may keep nothing.
    }
  };
  return [value, choose];
}

function kept(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}
