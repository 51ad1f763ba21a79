import { randomBytes } from 'node:crypto';

/** A number of 32 bits that nobody can guess. */
export const randomWord = (): number => randomBytes(4).readUInt32BE();
