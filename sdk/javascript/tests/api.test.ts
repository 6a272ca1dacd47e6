/** The client over real sockets. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';

import {
  AuthenticationError,
  BadRequest,
  ConnectionFailed,
  CSRFError,
  DownloadFailed,
  JobCancelled,
  JobFailed,
  NotFound,
  RateLimited,
  ServerError,
  UnexpectedAnswer,
  WaitTimeout,
} from '../src/index.ts';
import type { JobStatus, Project } from '../src/index.ts';
import { BASE_URL, connect, control, requests } from './fake.ts';

const PROJECT: Project = { scenes: [{ elements: [{ type: 'audio', src: 'https://example.com/audio.mp3' }] }] };
const FILM = 'GET /videos/video_1/download';
const NOW = { 'Retry-After': '0' };
const DONE = {
  status: 'completed',
  progress: 100,
  result: { video_id: 'video_1', download_url: '/api/v1/videos/video_1/download' },
};

function assertIsFilm(bytes: Buffer): void {
  const film = createHash('shake128', { outputLength: 300_000 }).update('film').digest();
  // Not deepEqual: the difference of so many bytes takes minutes to show.
  assert(bytes.equals(film), `${bytes.length} bytes that are not the film`);
}

let folder = '';
beforeEach(async () => {
  await control();
  folder = await mkdtemp(join(tmpdir(), 'videocraft-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('from order to film', () => {
  it('takes one token and the documented steps', async () => {
    await control({ progress: [10, 50, 90].map((progress) => ({ status: 'processing', progress })).concat(DONE) });
    const api = connect();
    const seen: number[] = [];
    const job = await api.videos.create(PROJECT);
    const result = await api.jobs.waitForCompletion(job.job_id, {
      pollInterval: 20,
      onProgress: (status) => seen.push(status.progress),
    });
    assert.equal(result.download_url, '/api/v1/videos/video_1/download');
    assert.deepEqual(seen, [10, 50, 90, 100]);
    const path = await api.videos.download(result.video_id, folder);
    assert.equal(path, join(folder, 'video_1.mp4'));
    assertIsFilm(await readFile(path));
    await api.videos.delete(result.video_id);
    await assert.rejects(api.videos.get(result.video_id), NotFound);
    assert.equal((await requests('GET /csrf-token')).length, 1);
  });

  it('lists, reads and cancels', async () => {
    const api = connect();
    const page = await api.videos.list({ limit: 5, status: 'completed', createdAfter: new Date(0) });
    assert.equal(page.pagination.limit, 5);
    const [asked] = await requests();
    assert.match(asked?.path ?? '', /\?limit=5&status=completed&created_after=1970-01-01T00%3A00%3A00.000Z$/);
    assert.match(asked?.headers['user-agent'] ?? '', /^videocraft-javascript\/\S+ node\//);
    assert.equal((await api.jobs.list({ status: 'processing' })).jobs[0]?.status, 'processing');
    assert.equal((await api.jobs.get('job-1')).id, 'job-1');
    assert.equal((await api.jobs.status('job-1')).status, 'completed');
    assert.equal((await api.jobs.cancel('job-1')).status, 'cancelled');
  });

  it('keeps an id one part of the path', async () => {
    await connect().videos.get('../jobs/ä?x=1#');
    assert.equal((await requests())[0]?.path, '/api/v1/videos/..%2Fjobs%2F%C3%A4%3Fx%3D1%23');
    await assert.rejects(connect().videos.get('..'), TypeError);
  });
});

describe('repeats', () => {
  it('never make a second film of one order', async () => {
    const order = 'POST /generate-video';
    await control({ faults: [{ on: order, lose: true }, { on: order, status: 503, headers: NOW }] });
    await connect().videos.create(PROJECT);
    const orders = await requests(order);
    assert.equal(orders.length, 3);
    assert.equal(new Set(orders.map((one) => one.headers['idempotency-key'])).size, 1);
  });

  it('make two orders two films, unless they share a key', async () => {
    const api = connect();
    const two = [await api.videos.create(PROJECT), await api.videos.create(PROJECT)];
    assert.notEqual(two[0]?.job_id, two[1]?.job_id);
    const options = { idempotencyKey: 'mine' };
    const one = [await api.videos.create(PROJECT, options), await api.videos.create(PROJECT, options)];
    assert.equal(one[0]?.job_id, one[1]?.job_id);
  });

  it('wait out limits and outages', async () => {
    const faults = [429, 500, 503].map((status) => ({ on: 'GET /videos', status, headers: NOW }));
    await control({ faults: [{ on: 'GET /videos', drop: true }, ...faults] });
    await connect().videos.list();
    assert.equal((await requests()).length, 5);
  });

  it('are not made of a change that may have happened', async () => {
    const cancel = 'POST /jobs/job-1/cancel';
    await control({ faults: [{ on: cancel, lose: true }] });
    await assert.rejects(connect().jobs.cancel('job-1'), ConnectionFailed);
    assert.equal((await requests(cancel)).length, 1);
  });

  it('are made of a change that can not have happened', async () => {
    const cancel = 'POST /jobs/job-1/cancel';
    await control({ faults: [{ on: cancel, status: 429, headers: NOW }] });
    await connect().jobs.cancel('job-1');
    assert.equal((await requests(cancel)).length, 2);
  });

  it('find a video deleted whose first answer was lost', async () => {
    await control({ faults: [{ on: 'DELETE /videos/video_1', lose: true }] });
    await connect().videos.delete('video_1');
    await assert.rejects(connect().videos.delete('video_1'), NotFound);
  });

  it('have an end', async () => {
    const faults = Array.from({ length: 3 }, () => ({ on: 'GET /videos', status: 502, body: '<html>', headers: NOW }));
    await control({ faults });
    await assert.rejects(connect({ maxRetries: 2 }).videos.list(), (error) => {
      assert(error instanceof ServerError);
      assert.equal(error.code, 'HTTP_502');
      return true;
    });
  });

  it('are not made when the server asks for too much patience', async () => {
    const body = { error: 'Rate limit exceeded', code: 'RATE_LIMIT_EXCEEDED', retry_after: 3600, limit: 100 };
    await control({ faults: [{ on: 'GET /videos', status: 429, body }] });
    await assert.rejects(connect().videos.list(), (error) => {
      assert(error instanceof RateLimited);
      assert.equal(error.retryAfter, 3_600_000);
      assert.equal(error.limit, 100);
      return true;
    });
  });
});

describe('the CSRF token', () => {
  it('is renewed once when the server refuses it', async () => {
    const api = connect();
    await api.videos.create(PROJECT);
    await control({ reset: false, faults: [csrfRefusal('CSRF_TOKEN_EXPIRED')] });
    await api.videos.create(PROJECT);
    assert.equal((await requests('GET /csrf-token')).length, 2);
    const twice = [csrfRefusal('CSRF_TOKEN_INVALID'), csrfRefusal('CSRF_TOKEN_INVALID')];
    await control({ reset: false, faults: twice });
    await assert.rejects(api.videos.create(PROJECT), CSRFError);
  });

  it('is renewed before it expires', async () => {
    await control({ token_seconds: 20 });
    const api = connect();
    await api.videos.create(PROJECT);
    await api.videos.create(PROJECT);
    assert.equal((await requests('GET /csrf-token')).length, 2);
  });

  it('is not asked for when it is switched off', async () => {
    await assert.rejects(connect({ enableCSRF: false }).videos.create(PROJECT), CSRFError);
    assert.deepEqual(
      (await requests()).map((one) => one.method),
      ['POST', 'POST'],
    );
  });
});

describe('errors', () => {
  it('are typed', async () => {
    await assert.rejects(connect().videos.create({ scenes: [] }), (error) => {
      assert(error instanceof BadRequest);
      assert.deepEqual(error.details, { scenes: 'At least one scene is required' });
      assert.equal(error.status, 400);
      assert.equal(error.requestId, 'req_1');
      return true;
    });
    await assert.rejects(connect({ apiKey: 'wrong' }).videos.list(), AuthenticationError);
  });

  it('say that there is no server', async () => {
    const api = connect({ baseURL: `http://127.0.0.1:${await closedPort()}`, maxRetries: 0 });
    await assert.rejects(api.videos.list(), (error) => {
      assert(error instanceof ConnectionFailed);
      assert.equal(error.sent, false);
      return true;
    });
  });

  it('say that the server says nothing', async () => {
    await control({ faults: [{ on: 'GET /videos', stall: true }] });
    await assert.rejects(connect({ timeout: 100, maxRetries: 0 }).videos.list(), (error) => {
      assert(error instanceof ConnectionFailed);
      assert.equal(error.code, 'TIMEOUT');
      return true;
    });
  });

  it('say that this is another server', async () => {
    await control({ faults: [{ on: 'GET /videos', status: 200, body: { status: 'healthy' } }] });
    await assert.rejects(connect().videos.list(), UnexpectedAnswer);
  });

  it('say what JSON can not', async () => {
    await assert.rejects(connect().videos.create({ ...PROJECT, width: Number.NaN }), RangeError);
    assert.equal((await requests('POST /generate-video')).length, 0);
  });

  it('come at once for options that can not work', () => {
    for (const wrong of [{ baseURL: 'localhost:1' }, { baseURL: 'http://a:b@c' }, { apiKey: 'a\r\nb' }]) {
      assert.throws(() => connect(wrong), TypeError);
    }
    assert.throws(() => connect({ timeout: 0 }), RangeError);
  });
});

describe('downloads', () => {
  it('go on where they broke', async () => {
    const path = await connect({ fetch: breaking(100_001, 70_000) }).videos.download('video_1', folder);
    assertIsFilm(await readFile(path));
    const asked = (await requests(FILM)).map((one) => one.headers['range']);
    assert.deepEqual(asked, [undefined, 'bytes=100001-', 'bytes=170001-']);
    assert.deepEqual(await readdir(folder), ['video_1.mp4']);
  });

  it('survive connections that the server closes', async () => {
    await control({ faults: [{ on: FILM, cut: 100_001 }, { on: FILM, cut: 70_000 }] });
    const path = await connect().videos.download('video_1', join(folder, 'film.mp4'));
    assertIsFilm(await readFile(path));
    assert.equal((await requests(FILM)).length, 3);
  });

  it('begin anew when the film has changed', async () => {
    await control({ film: 'longer' });
    const broken = breaking(350_000);
    const switching: typeof fetch = async (input, init) => {
      if (new Headers(init?.headers).has('range')) {
        await control({ reset: false, film: 'film' });
      }
      return broken(input, init);
    };
    const path = await connect({ fetch: switching }).videos.download('video_1', folder);
    assertIsFilm(await readFile(path));
    assert.deepEqual((await requests(FILM)).length, 2);
  });

  it('leave nothing behind that is not whole, and what was there', async () => {
    const path = join(folder, 'film.mp4');
    await writeFile(path, 'old');
    await control({ faults: [{ on: FILM, lie: 1 }], etags: false });
    await assert.rejects(connect({ maxRetries: 0 }).videos.download('video_1', path), ConnectionFailed);
    assert.deepEqual(await readdir(folder), ['film.mp4']);
    assert.equal(await readFile(path, 'utf8'), 'old');
  });

  it('go to memory and to streams', async () => {
    const blob = await connect().videos.downloadBlob('video_1');
    assertIsFilm(Buffer.from(await blob.arrayBuffer()));
    const pieces: Uint8Array[] = [];
    const stream = new WritableStream<Uint8Array>({ write: (piece) => void pieces.push(piece) });
    await connect({ fetch: breaking(100_001) }).videos.download('video_1', stream);
    assertIsFilm(Buffer.concat(pieces));
  });

  it('never give a stream the same bytes twice', async () => {
    await control({ etags: false });
    let reason: unknown;
    const stream = new WritableStream<Uint8Array>({ abort: (why) => void (reason = why) });
    await assert.rejects(connect({ fetch: breaking(100_001) }).videos.download('video_1', stream), DownloadFailed);
    assert(reason instanceof DownloadFailed);
  });

  it('throw what the destination threw, at once', async () => {
    const full = new TypeError('the disk is full');
    const stream = new WritableStream<Uint8Array>({ write: () => Promise.reject(full) });
    await assert.rejects(connect().videos.download('video_1', stream), full);
    assert.equal((await requests(FILM)).length, 1);
    const missing = join(folder, 'missing', 'film.mp4');
    await assert.rejects(connect().videos.download('video_1', missing), { code: 'ENOENT' });
  });

  it('do not show the key to a bucket', async () => {
    // Another name of the same machine is another server.
    const bucket = `${BASE_URL.replace('127.0.0.1', 'localhost')}/videos/video_2/download`;
    await control({ faults: [{ on: FILM, status: 302, headers: { Location: bucket } }] });
    await assert.rejects(connect().videos.download('video_1', folder), AuthenticationError);
    const [shown, hidden] = await requests();
    assert.equal(shown?.headers['authorization'], 'Bearer test-key');
    assert.equal(hidden?.headers['authorization'], undefined);
  });

  it('leave redirects to a browser, which does not say where they lead', async () => {
    const modes: (string | undefined)[] = [];
    const browser: typeof fetch = async (input, init) => {
      modes.push(init?.redirect);
      return init?.redirect === 'manual' ? opaque : fetch(input, init);
    };
    const api = connect({ fetch: browser, enableCSRF: false });
    assert.equal((await api.videos.downloadBlob('video_1')).size, 300_000);
    assert.deepEqual(modes, ['manual', 'follow']);
    await assert.rejects(api.videos.create(PROJECT), UnexpectedAnswer);
    assert.deepEqual(modes, ['manual', 'follow', 'manual']);
  });

  it('follow no redirect of a change, nor one to what is no web address', async () => {
    const redirect = { status: 307, headers: { Location: 'file:///etc/passwd' } };
    await control({ faults: [{ on: FILM, ...redirect }, { on: 'POST /generate-video', ...redirect }] });
    await assert.rejects(connect().videos.downloadBlob('video_1'), UnexpectedAnswer);
    await assert.rejects(connect().videos.create(PROJECT), UnexpectedAnswer);
  });
});

describe('waiting', () => {
  it('ends in time, with what was seen last', async () => {
    await control({ progress: [{ status: 'processing', progress: 7 }] });
    await assert.rejects(connect().jobs.waitForCompletion('1', { timeout: 100, pollInterval: 30 }), (error) => {
      assert(error instanceof WaitTimeout);
      assert.equal(error.last?.progress, 7);
      return true;
    });
  });

  it("throws a failed job's own error", async () => {
    await control({ progress: [{ status: 'failed', progress: 3, error: 'FFmpeg failed', code: 'FFMPEG_FAILED' }] });
    await assert.rejects(connect().jobs.waitForCompletion('1'), (error) => {
      assert(error instanceof JobFailed);
      assert.deepEqual([error.code, error.message, error.job.progress], ['FFMPEG_FAILED', 'FFmpeg failed', 3]);
      return true;
    });
    await control({ progress: [{ status: 'cancelled', progress: 3 }] });
    await assert.rejects(connect().jobs.waitForCompletion('1'), JobCancelled);
  });

  it('survives a restart of the server', async () => {
    const away = { on: 'GET /jobs/1/status', drop: true };
    await control({ faults: [away, away], progress: [DONE] });
    const result = await connect({ maxRetries: 0 }).jobs.waitForCompletion('1', { pollInterval: 20 });
    assert.equal(result.video_id, 'video_1');
  });

  it('ends at once when it is aborted, also between two questions', { timeout: 30_000 }, async () => {
    await control({ progress: [{ status: 'processing', progress: 7 }] });
    const controller = new AbortController();
    const onProgress = (_status: JobStatus): void => controller.abort(new Error('enough'));
    const { signal } = controller;
    await assert.rejects(
      connect().jobs.waitForCompletion('1', { onProgress, signal, pollInterval: 60_000 }),
      /enough/,
    );
    await assert.rejects(connect().videos.list({ signal }), /enough/);
    const later = new AbortController();
    const soon = (): void => void setTimeout(() => later.abort(new Error('later')), 20);
    await assert.rejects(
      connect().jobs.waitForCompletion('1', { onProgress: soon, signal: later.signal, pollInterval: 60_000 }),
      /later/,
    );
  });
});

/** What a browser answers instead of a redirect. */
const opaque = { type: 'opaqueredirect', status: 0, headers: new Headers(), body: null } as Response;

/**
 * A fetch whose bodies break off after so many bytes, one after the other. A real connection may lose what has
 * arrived and was not read yet; this one does not.
 */
function breaking(...cuts: number[]): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const cut = cuts.shift();
    if (cut === undefined) {
      return response;
    }
    const pieces = [new Uint8Array(await response.arrayBuffer()).slice(0, cut)];
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = pieces.shift();
        piece ? controller.enqueue(piece) : controller.error(new TypeError('terminated'));
      },
    });
    return new Response(body, { status: response.status, headers: response.headers });
  };
}

/** A port that nobody listens on any more. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function csrfRefusal(code: string): Record<string, unknown> {
  return { on: 'POST /generate-video', status: 403, body: { error: 'Refused', code } };
}
