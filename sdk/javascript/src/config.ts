/** What a client is told about its server, checked once. */

export interface Options {
  /** The server's address up to and with `/api/v1`. */
  baseURL: string;
  /** What `videocraft keys create` printed. */
  apiKey: string;
  /** Fetch a CSRF token for changes; off only for servers that want none. Default: true. */
  enableCSRF?: boolean;
  /** Milliseconds that an answer, or the next piece of a download, may take. Default: 30000. */
  timeout?: number;
  /** How often a request is repeated at most. Default: 4. */
  maxRetries?: number;
  /** Another `fetch`, for a proxy or certificates of your own. */
  fetch?: typeof fetch;
}

export interface Config {
  baseURL: string;
  apiKey: string;
  enableCSRF: boolean;
  timeout: number;
  maxRetries: number;
  fetch: typeof fetch;
}

/** @throws TypeError or RangeError: an option makes no sense; a sentence says which and why. */
export function configure(options: Options): Config {
  const { apiKey } = options;
  if (typeof apiKey !== 'string' || !/^[!-~]+$/.test(apiKey)) {
    throw new TypeError('apiKey must be printable ASCII without spaces');
  }
  const timeout = options.timeout ?? 30_000;
  if (!(timeout > 0)) {
    throw new RangeError('timeout must be more than 0 milliseconds');
  }
  const maxRetries = options.maxRetries ?? 4;
  if (!(maxRetries >= 0)) {
    throw new RangeError('maxRetries must be 0 or more');
  }
  const given = options.fetch;
  return {
    baseURL: checkedAddress(options.baseURL),
    apiKey,
    enableCSRF: options.enableCSRF ?? true,
    timeout,
    maxRetries,
    // Called as a method of something else, browsers' fetch refuses.
    fetch: (input, init) => (given ?? globalThis.fetch)(input, init),
  };
}

function checkedAddress(address: string): string {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new TypeError('baseURL must be an http or https address, like http://127.0.0.1:8000/api/v1');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError('baseURL must be an http or https address, like http://127.0.0.1:8000/api/v1');
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new TypeError('baseURL must hold no user name, query or fragment');
  }
  return url.href.replace(/\/+$/, '');
}
