import { Option } from 'commander';
import { flavours } from '../../plan/flavour';

/** @param description of what it decides, there where it is given */
export const flavourOption = (description: string): Option =>
  new Option('--flavour <name>', description).choices(flavours);
