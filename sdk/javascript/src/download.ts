/** A file from the server to a destination, over as many connections as it takes. */

import { ConnectionFailed, DownloadFailed } from './errors.ts';
import { DestinationFailed } from './exchange.ts';
import type { Call, Exchange, Transfer } from './exchange.ts';

/** Takes pieces in order; `restart` throws away what it has. */
export interface Sink {
  write(piece: Uint8Array): Promise<void>;
  restart(): Promise<void>;
}

/** @returns how many bytes there are */
export async function download(
  exchange: Exchange,
  call: Call,
  sink: Sink,
  signal: AbortSignal | undefined,
): Promise<number> {
  const transfer = new Download(sink);
  try {
    await exchange.perform(call, { transfer, signal });
  } catch (thrown) {
    throw thrown instanceof DestinationFailed ? thrown.cause : thrown;
  }
  return transfer.received;
}

/** Collects a file in memory. */
export class Pieces implements Sink {
  all: Uint8Array[] = [];

  async write(piece: Uint8Array): Promise<void> {
    this.all.push(piece);
  }

  async restart(): Promise<void> {
    this.all = [];
  }
}

/** Passes a file on to a stream, which can't take anything back. */
export class Passing implements Sink {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #isEmpty = true;

  constructor(writer: WritableStreamDefaultWriter<Uint8Array>) {
    this.#writer = writer;
  }

  async write(piece: Uint8Array): Promise<void> {
    this.#isEmpty = false;
    await this.#writer.ready;
    await this.#writer.write(piece);
  }

  async restart(): Promise<void> {
    if (!this.#isEmpty) {
      throw new DownloadFailed('The download broke off and the server can not go on where it broke', {
        code: 'DOWNLOAD_BROKEN',
      });
    }
  }
}

class Download implements Transfer {
  received = 0;
  readonly #sink: Sink;
  #etag = '';
  #size: number | undefined;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  get complete(): boolean {
    return this.received === this.#size;
  }

  /** Asks for the rest, if what is there is known to belong to it. */
  headers(): Record<string, string> {
    // Places in the file are those on the wire only if nothing in between compresses it.
    const headers = { Accept: '*/*', 'Accept-Encoding': 'identity' };
    return this.received > 0 && this.#etag !== ''
      ? { ...headers, Range: `bytes=${this.received}-`, 'If-Range': this.#etag }
      : headers;
  }

  async consume(response: Response, alive: () => void): Promise<void> {
    if (response.status === 206) {
      this.#checkPlace(response.headers);
    } else {
      await this.#startAgain(response.headers);
    }
    const reader = response.body?.getReader();
    for (;;) {
      const piece = await reader?.read();
      if (piece === undefined || piece.done) {
        break;
      }
      alive();
      await destined(this.#sink.write(piece.value));
      this.received += piece.value.byteLength;
      alive();
    }
    this.#check();
  }

  #check(): void {
    if (this.#size === undefined || this.complete) {
      return;
    }
    if (this.received < this.#size) {
      throw new ConnectionFailed(
        `The download broke off after ${this.received} of ${this.#size} bytes`,
        { sent: true },
      );
    }
    throw new DownloadFailed(`${this.received} bytes came where ${this.#size} were announced`, {
      code: 'DOWNLOAD_TOO_LONG',
    });
  }

  async #startAgain(headers: Headers): Promise<void> {
    await destined(this.#sink.restart());
    this.received = 0;
    const length = headers.get('content-length') ?? '';
    // A browser may have asked for compression by itself; then the length is not the file's.
    const isPlain = (headers.get('content-encoding') ?? 'identity') === 'identity';
    this.#size = isPlain && /^[0-9]{1,15}$/.test(length) ? Number(length) : undefined;
    const etag = headers.get('etag') ?? '';
    // A weak one promises the same meaning, not the same bytes.
    this.#etag = isPlain && etag.startsWith('"') ? etag : '';
  }

  #checkPlace(headers: Headers): void {
    const match = /^bytes ([0-9]+)-[0-9]+\/([0-9]+)$/.exec(headers.get('content-range') ?? '');
    const isRight = match && Number(match[1]) === this.received && Number(match[2]) === this.#size;
    if (!isRight) {
      throw new DownloadFailed('The server sent another part than was asked for', {
        code: 'DOWNLOAD_RANGE',
      });
    }
  }
}

async function destined(writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (cause) {
    throw cause instanceof DownloadFailed ? cause : new DestinationFailed('', { cause });
  }
}
