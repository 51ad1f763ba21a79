/** What the reader has chosen, kept in the browser. */
import { useState } from 'preact/hooks';

/** @param allowed what may have been kept */
export function usePreference<T extends string>(
  name: string,
  allowed: readonly T[],
  first: T,
): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    const kept = localStorage.getItem(name);
    return allowed.find((one) => one === kept) ?? first;
  });
  const choose = (chosen: T): void => {
    localStorage.setItem(name, chosen);
    setValue(chosen);
  };
  return [value, choose];
}
