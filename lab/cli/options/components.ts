/** `--components` and `--flavour`: other builds of tcpcopy and intercept, where ours would run. */
import { Option } from 'commander';
import { resolve } from 'node:path';
import type { ComponentsChoice } from '../../engine/nodes/components';
import type { Flavour } from '../../plan/flavour';
import { UsageError } from './usage-error';

export interface ComponentsOptions {
  readonly components?: string;
  readonly flavour?: Flavour;
}

export const componentsOption = (): Option =>
  new Option('--components <directory>', 'use its tcpcopy and intercept in the place of ours');

/** @throws UsageError when it is said what no programs are */
export function componentsChosen({ components, flavour }: ComponentsOptions): ComponentsChoice | undefined {
  if (components !== undefined) return { directory: resolve(components), flavour };
  if (flavour === undefined) return undefined;
  throw new UsageError(
    '--flavour says what the programs of --components are, which was not given.',
    'Add --components <directory>, the directory with tcpcopy and intercept.',
  );
}
