/** `api.videos` and `api.jobs`. */

import { dataOf } from './answers.ts';
import { download, Passing, Pieces } from './download.ts';
import type { Call, Exchange } from './exchange.ts';
import type {
  Job,
  JobCancellation,
  JobCreated,
  JobList,
  JobResult,
  JobState,
  JobStatus,
  Project,
  Video,
  VideoList,
} from './types.ts';
import { waitForCompletion } from './waiting.ts';
import type { WaitOptions } from './waiting.ts';

/** Ends a call early: it rejects with the signal's reason. */
export interface Abortable {
  signal?: AbortSignal;
}

export interface ListJobs extends Abortable {
  /** 1-100. */
  limit?: number;
  offset?: number;
  status?: JobState;
}

export interface ListVideos extends ListJobs {
  createdAfter?: Date | string;
  createdBefore?: Date | string;
}

/** Films: ordered, listed, fetched, deleted. */
export class Videos {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /**
   * Order a film.
   *
   * @param options.idempotencyKey orders with the same key are one order. Without one each call makes its
   *   own, so that its repeats after a lost answer never make a second film.
   */
  async create(project: Project, options: Abortable & { idempotencyKey?: string } = {}): Promise<JobCreated> {
    const idempotencyKey = options.idempotencyKey ?? randomKey();
    if (!/^[ -~]{1,255}$/.test(idempotencyKey)) {
      throw new TypeError('idempotencyKey must be 1 to 255 printable ASCII characters');
    }
    const call: Call = { method: 'POST', path: '/generate-video', body: project, idempotencyKey };
    return dataOf(await this.#exchange.perform(call, { signal: options.signal }));
  }

  /** What a project would become, with its length and cost; nothing is ordered. */
  async plan(project: Project, options: Abortable = {}): Promise<Record<string, unknown>> {
    const query = { dry_run: 'true' };
    const call: Call = { method: 'POST', path: '/generate-video', query, body: project, isHarmless: true };
    return dataOf(await this.#exchange.perform(call, options));
  }

  /** A page of videos, newest first. */
  async list(options: ListVideos = {}): Promise<VideoList> {
    const { limit, offset, status, createdAfter, createdBefore, signal } = options;
    const query = { limit, offset, status, created_after: createdAfter, created_before: createdBefore };
    return dataOf(await this.#exchange.perform(get('/videos', query), { signal }));
  }

  /** All about one video. */
  async get(videoId: string, options: Abortable = {}): Promise<Video> {
    return dataOf(await this.#exchange.perform(get(`/videos/${part(videoId)}`), options));
  }

  /**
   * Save a film; broken connections are taken up where they broke.
   *
   * @param destination in Node a path: the file appears there when it is whole, in an existing folder as
   *   `<videoId>.mp4`. Anywhere a WritableStream, which is closed at the end, or aborted by an error.
   * @returns the path, or undefined for a stream
   */
  async download(videoId: string, destination: string, options?: Abortable): Promise<string>;
  async download(
    videoId: string,
    destination: WritableStream<Uint8Array>,
    options?: Abortable,
  ): Promise<undefined>;
  async download(
    videoId: string,
    destination: string | WritableStream<Uint8Array>,
    options: Abortable = {},
  ): Promise<string | undefined> {
    const call = get(`/videos/${part(videoId)}/download`);
    if (typeof destination === 'string') {
      // Only here, so that browsers need not know of Node's files.
      const { saveFile } = await import('./files.ts');
      const name = `${videoId.replace(/[^A-Za-z0-9._-]/g, '_')}.mp4`;
      return saveFile(destination, name, (sink) => download(this.#exchange, call, sink, options.signal));
    }
    const writer = destination.getWriter();
    try {
      await download(this.#exchange, call, new Passing(writer), options.signal);
      await writer.close();
    } catch (error) {
      // Why it could not be aborted either does not matter beside the first error.
      await writer.abort(error).catch(() => undefined);
      throw error;
    } finally {
      writer.releaseLock();
    }
    return undefined;
  }

  /** A film in memory, for browsers: `URL.createObjectURL(blob)` shows it. */
  async downloadBlob(videoId: string, options: Abortable = {}): Promise<Blob> {
    const pieces = new Pieces();
    await download(this.#exchange, get(`/videos/${part(videoId)}/download`), pieces, options.signal);
    return new Blob(pieces.all as BlobPart[], { type: 'video/mp4' });
  }

  /** Delete a video and its files. */
  async delete(videoId: string, options: Abortable = {}): Promise<void> {
    const call: Call = { method: 'DELETE', path: `/videos/${part(videoId)}`, doneIfRepeated: [404] };
    await this.#exchange.perform(call, options);
  }
}

/** The work on films: listed, watched, cancelled. */
export class Jobs {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** A page of jobs, newest first. */
  async list(options: ListJobs = {}): Promise<JobList> {
    const { limit, offset, status, signal } = options;
    return dataOf(await this.#exchange.perform(get('/jobs', { limit, offset, status }), { signal }));
  }

  /** All about one job, with what it was asked for and its log. */
  async get(jobId: string, options: Abortable = {}): Promise<Job> {
    return dataOf(await this.#exchange.perform(get(`/jobs/${part(jobId)}`), options));
  }

  /** How far a job is; cheap enough to be asked often. */
  async status(jobId: string, options: Abortable = {}): Promise<JobStatus> {
    return dataOf(await this.#exchange.perform(get(`/jobs/${part(jobId)}/status`), options));
  }

  /** Stop a job. */
  async cancel(jobId: string, options: Abortable = {}): Promise<JobCancellation> {
    const call: Call = { method: 'POST', path: `/jobs/${part(jobId)}/cancel` };
    return dataOf(await this.#exchange.perform(call, options));
  }

  /**
   * Wait until a job has ended. A server that is away for a while (a restart) is waited for, up to two
   * minutes.
   *
   * @returns what the job has made
   * @throws JobFailed with the job's own code and message, JobCancelled, or WaitTimeout
   */
  async waitForCompletion(jobId: string, options: WaitOptions = {}): Promise<JobResult> {
    return waitForCompletion(this.#exchange, get(`/jobs/${part(jobId)}/status`), options);
  }
}

function get(path: string, query: Call['query'] = {}): Call {
  return { method: 'GET', path, query };
}

/** An id as one part of a path, whatever is in it. */
function part(id: string): string {
  if (typeof id !== 'string' || id === '' || id === '.' || id === '..') {
    throw new TypeError(`${JSON.stringify(id)} is not an id`);
  }
  return encodeURIComponent(id);
}

function randomKey(): string {
  const bytes = new Uint8Array(16);
  if (globalThis.crypto) {
    globalThis.crypto.getRandomValues(bytes);
  } else {
    // Node 18 hides it; the key must differ from others, it need not be secret.
    bytes.forEach((_, index) => (bytes[index] = Math.random() * 256));
  }
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
