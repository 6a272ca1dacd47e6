/** One request with all that belongs to it: the key, the CSRF token, redirects and repeats. */

import { dataOf, errorOf, isObject, millisecondsUntil } from './answers.ts';
import type { Reply } from './answers.ts';
import type { Config } from './config.ts';
import { ConnectionFailed, CSRFError, UnexpectedAnswer, VideoCraftAPIError } from './errors.ts';
import { mayHaveHappened, pauseBeforeRepeating } from './retries.ts';
import { sleep } from './sleep.ts';
import { VERSION } from './version.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MOST_REDIRECTS = 5;
const RENEW_BEFORE = 30_000;
/** How long a token is used whose end the server does not tell. */
const TOKEN_LASTS = 600_000;
const FOR_THE_SERVER_ONLY = ['Authorization', 'X-CSRF-Token', 'Idempotency-Key'];
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** One request to the API; `path` is below the base address, its parts are escaped already. */
export interface Call {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  query?: Record<string, string | number | Date | undefined>;
  body?: unknown;
  idempotencyKey?: string;
  /** A POST that changes nothing. */
  isHarmless?: boolean;
  /** Statuses that, to a repeated request, say that the first one has done it. */
  doneIfRepeated?: number[];
}

/** Where a body goes that is too large for memory, over as many attempts as it takes. */
export interface Transfer {
  /** Bytes that have arrived and count. */
  readonly received: number;
  /** Whether that is all that was announced. */
  readonly complete: boolean;
  /** What the next attempt asks for beyond the request itself. */
  headers(): Record<string, string>;
  /** Take the body of a 200 or 206; call `alive` with every piece. */
  consume(response: Response, alive: () => void): Promise<void>;
}

export interface Bounds {
  signal?: AbortSignal | undefined;
  /** By `performance.now()`; after it nothing is repeated. */
  deadline?: number | undefined;
  transfer?: Transfer;
}

interface Token {
  value: string;
  until: number;
}

/** A client's conversation with its server: the configuration and the one CSRF token. */
export class Exchange {
  readonly config: Config;
  #token: Token | undefined;

  constructor(config: Config) {
    this.config = config;
  }

  /**
   * Send a call until it is answered for good.
   *
   * @returns an answer below 400
   * @throws VideoCraftAPIError: the last answer was an error, or there was none
   */
  async perform(call: Call, bounds: Bounds = {}): Promise<Reply> {
    let uncertain = false;
    let tokenRefused = false;
    for (let attempt = 0; ; attempt += 1) {
      const received = bounds.transfer?.received ?? 0;
      const token = this.#wantsToken(call) ? await this.#currentToken(bounds) : undefined;
      let error: VideoCraftAPIError;
      try {
        const reply = await this.#once(call, token, bounds);
        if (reply.status < 400 || (uncertain && call.doneIfRepeated?.includes(reply.status))) {
          return reply;
        }
        error = errorOf(reply);
      } catch (thrown) {
        if (!(thrown instanceof VideoCraftAPIError)) {
          throw thrown;
        }
        error = thrown;
      }
      if (error instanceof CSRFError && !tokenRefused) {
        // It was refused before anything was done: a new token is worth one more try.
        tokenRefused = true;
        if (this.#token?.value === token) {
          this.#token = undefined;
        }
        continue;
      }
      if (bounds.transfer && bounds.transfer.received > received) {
        attempt = 0;
      }
      const pause =
        attempt < this.config.maxRetries
          ? pauseBeforeRepeating(error, attempt, isRepeatable(call))
          : undefined;
      if (pause === undefined || performance.now() + pause > (bounds.deadline ?? Infinity)) {
        throw error;
      }
      uncertain ||= mayHaveHappened(error);
      await sleep(pause, bounds.signal);
    }
  }

  async #once(call: Call, token: string | undefined, bounds: Bounds): Promise<Reply> {
    // Outside of what is taken for the network's errors: these would be the caller's.
    const body = encode(call.body);
    const headers = this.#headers(call, token, bounds.transfer);
    const watch = new Watch(this.#patience(bounds), bounds.signal);
    try {
      const response = await this.#followed(call, headers, body, watch);
      if (bounds.transfer && (response.status === 200 || response.status === 206)) {
        await bounds.transfer.consume(response, () => watch.restart());
        return { status: response.status, headers: response.headers, text: '' };
      }
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (thrown) {
      bounds.signal?.throwIfAborted();
      if (thrown instanceof VideoCraftAPIError || !isNetworkError(thrown, watch)) {
        throw thrown;
      }
      if (bounds.transfer?.complete) {
        // It broke after the last byte: there is no rest to ask for.
        return { status: 200, headers: new Headers(), text: '' };
      }
      throw failure(this.config.baseURL, thrown, watch);
    } finally {
      watch.stop();
    }
  }

  async #followed(
    call: Call,
    headers: Headers,
    body: string | undefined,
    watch: Watch,
  ): Promise<Response> {
    let url = this.config.baseURL + call.path + queryOf(call);
    for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
      const init: RequestInit = { method: call.method, headers, signal: watch.signal, redirect: 'manual' };
      let response = await this.config.fetch(url, body === undefined ? init : { ...init, body });
      if (response.type === 'opaqueredirect' && call.method === 'GET') {
        // A browser does not say where to; it follows by itself and keeps the key from other origins.
        response = await this.config.fetch(url, { ...init, redirect: 'follow' });
      }
      if (response.type !== 'opaqueredirect' && !REDIRECTS.has(response.status)) {
        return response;
      }
      const target = redirectTarget(call, url, response);
      await response.body?.cancel();
      if (target.origin !== new URL(url).origin) {
        FOR_THE_SERVER_ONLY.forEach((name) => headers.delete(name));
      }
      url = target.href;
    }
    throw new UnexpectedAnswer(`The server redirected more than ${MOST_REDIRECTS} times`, {
      code: 'TOO_MANY_REDIRECTS',
    });
  }

  #headers(call: Call, token: string | undefined, transfer: Transfer | undefined): Headers {
    const headers = new Headers({
      Accept: 'application/json',
      Authorization: `Bearer ${this.config.apiKey}`,
      ...transfer?.headers(),
    });
    // Browsers have a name of their own, and ask the server's leave for any other.
    if (typeof process !== 'undefined' && process.versions?.node) {
      headers.set('User-Agent', `videocraft-javascript/${VERSION} node/${process.versions.node}`);
    }
    if (call.body !== undefined) {
      headers.set('Content-Type', 'application/json');
    }
    if (call.idempotencyKey !== undefined) {
      headers.set('Idempotency-Key', call.idempotencyKey);
    }
    if (token !== undefined) {
      headers.set('X-CSRF-Token', token);
    }
    return headers;
  }

  #patience(bounds: Bounds): number {
    const left = (bounds.deadline ?? Infinity) - performance.now();
    // At least a second: a last look at the job is worth it even if time is up.
    return Math.min(this.config.timeout, Math.max(1_000, left));
  }

  #wantsToken(call: Call): boolean {
    return this.config.enableCSRF && call.method !== 'GET';
  }

  async #currentToken(bounds: Bounds): Promise<string> {
    if (this.#token === undefined || this.#token.until <= performance.now()) {
      const asked = performance.now();
      const reply = await this.perform(
        { method: 'GET', path: '/csrf-token' },
        { signal: bounds.signal, deadline: bounds.deadline },
      );
      this.#token = readToken(reply, asked);
    }
    return this.#token.value;
  }
}

/** Aborts a request when nothing has come for too long, or when the caller says so. */
class Watch {
  timedOut = false;
  readonly #controller = new AbortController();
  readonly #patience: number;
  readonly #outer: AbortSignal | undefined;
  readonly #abort = (): void => this.#controller.abort(this.#outer?.reason);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(patience: number, outer: AbortSignal | undefined) {
    outer?.throwIfAborted();
    this.#patience = patience;
    this.#outer = outer;
    outer?.addEventListener('abort', this.#abort, { once: true });
    this.restart();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.timedOut = true;
      this.#controller.abort();
    }, this.#patience);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#abort);
  }
}

function isRepeatable(call: Call): boolean {
  return call.method !== 'POST' || call.isHarmless === true || call.idempotencyKey !== undefined;
}

function queryOf(call: Call): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) {
      query.set(name, value instanceof Date ? value.toISOString() : String(value));
    }
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

function encode(body: unknown): string | undefined {
  return JSON.stringify(body, (key: string, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      // JSON would make it null, and the server complain about something that nobody wrote.
      throw new RangeError(`${key} is ${value}, which JSON can't say`);
    }
    return value;
  }) as string | undefined;
}

function redirectTarget(call: Call, from: string, response: Response): URL {
  const location = response.headers.get('location') ?? '';
  if (call.method !== 'GET') {
    const where = location === '' ? 'elsewhere' : `to ${location}`;
    throw new UnexpectedAnswer(
      `The server redirects a ${call.method} ${where}; use the final address as baseURL`,
      { code: 'UNEXPECTED_REDIRECT', status: response.status },
    );
  }
  try {
    const target = new URL(location, from);
    if (target.protocol === 'https:' || target.protocol === new URL(from).protocol) {
      return target;
    }
  } catch {
    // No address at all: the same error as for one that is not followed.
  }
  throw new UnexpectedAnswer(
    `The server redirects to ${location}, which is not followed: it is less safe or no web address`,
    { code: 'UNEXPECTED_REDIRECT', status: response.status },
  );
}

function readToken(reply: Reply, asked: number): Token {
  const data = dataOf<unknown>(reply);
  const value = isObject(data) ? data['csrf_token'] : undefined;
  if (!isObject(data) || typeof value !== 'string' || !/^[!-~]+$/.test(value)) {
    throw new UnexpectedAnswer('The server gave no CSRF token', {
      code: 'UNEXPECTED_ANSWER',
      status: reply.status,
    });
  }
  const lasts = millisecondsUntil(data['expires_at'], reply.headers);
  return { value, until: asked + (lasts === undefined ? TOKEN_LASTS : lasts - RENEW_BEFORE) };
}

/** What the destination of a transfer threw, so that it is not taken for the network's error. */
export class DestinationFailed extends Error {}

/** fetch throws a TypeError for what the network does; a stream that breaks off does too. */
function isNetworkError(thrown: unknown, watch: Watch): boolean {
  if (thrown instanceof DestinationFailed) {
    return false;
  }
  return watch.timedOut || thrown instanceof TypeError || causeCode(thrown) !== undefined;
}

function failure(baseURL: string, thrown: unknown, watch: Watch): ConnectionFailed {
  const { host } = new URL(baseURL);
  if (watch.timedOut) {
    return new ConnectionFailed(`${host} did not answer in time`, { sent: true, code: 'TIMEOUT' });
  }
  const code = causeCode(thrown);
  return new ConnectionFailed(`No answer from ${host}${code === undefined ? '' : `: ${code}`}`, {
    sent: code === undefined || !NEVER_SENT.has(code),
    cause: thrown,
  });
}

function causeCode(thrown: unknown): string | undefined {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
