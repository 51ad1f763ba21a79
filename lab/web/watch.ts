/** A running lab in a browser, from the first tap to the last. */
import type { RunningLab } from '../engine/nodes/lab';
import { watchLab } from './observe/watch-lab';
import { pageFiles } from './serve/page';
import { serve } from './serve/server';

export interface OpenWatch {
  /** With the token in it. */
  readonly url: string;
  /** Resolves when the lab is there no more. */
  readonly gone: Promise<void>;
  /** Takes back everything in the nodes. */
  close(): Promise<void>;
}

/** @param port of 127.0.0.1; 0 for any that is free @throws Error with a mend when it is taken */
export async function openWatch(lab: RunningLab, port: number): Promise<OpenWatch> {
  const [watched, files] = await Promise.all([watchLab(lab), pageFiles()]);
  try {
    const server = await serve(watched, files, port);
    const close = async (): Promise<void> => {
      await server.close();
      await watched.close();
    };
    return { url: server.url, gone: watched.gone, close };
  } catch (failure) {
    await watched.close();
    throw failure;
  }
}
