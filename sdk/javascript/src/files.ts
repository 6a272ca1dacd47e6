/** Files of Node's; loaded only when a download goes to a path. */

import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import type { Sink } from './download.ts';

/**
 * Fill a temporary file beside `destination` and rename it when it is whole.
 *
 * @param fallback the file's name where `destination` is an existing folder
 * @returns where it is
 */
export async function saveFile(
  destination: string,
  fallback: string,
  fill: (sink: Sink) => Promise<unknown>,
): Promise<string> {
  const path = (await isFolder(destination)) ? join(destination, fallback) : destination;
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.part`);
  const file = await open(temporary, 'wx');
  try {
    try {
      await fill(new FileSink(file));
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  return path;
}

class FileSink implements Sink {
  readonly #file: FileHandle;
  #place = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(piece: Uint8Array): Promise<void> {
    for (let done = 0; done < piece.byteLength; ) {
      const { bytesWritten } = await this.#file.write(piece, done, piece.byteLength - done, this.#place);
      done += bytesWritten;
      this.#place += bytesWritten;
    }
  }

  async restart(): Promise<void> {
    this.#place = 0;
    await this.#file.truncate(0);
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false; // what is wrong with it is said when it is opened
  }
}
