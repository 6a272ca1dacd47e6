/** What can go wrong when a client talks to a server: one class for each family of codes. */

import type { JobStatus } from './types.ts';

/** What every error knows. */
export interface ErrorFacts {
  /** The server's code (`VIDEO_NOT_FOUND`), or one of the client's own in the same style. */
  code: string;
  /** The HTTP status; missing where no answer was the reason. */
  status?: number | undefined;
  /** Further facts; for `VALIDATION_ERROR` what is wrong, by path. */
  details?: Record<string, unknown> | undefined;
  /** What to give to whoever runs the server. */
  requestId?: string | undefined;
  cause?: unknown;
}

/** Base of everything that the client throws on purpose. */
export class VideoCraftAPIError extends Error {
  readonly code: string;
  readonly status: number | undefined;
  readonly details: Record<string, unknown>;
  readonly requestId: string | undefined;

  constructor(message: string, facts: ErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.status = facts.status;
    this.details = facts.details ?? {};
    this.requestId = facts.requestId;
  }

  // A prototype's name would be the minifier's.
  override get name(): string {
    return 'VideoCraftAPIError';
  }
}

/** 401: no key, or not a valid one. */
export class AuthenticationError extends VideoCraftAPIError {
  override get name(): string {
    return 'AuthenticationError';
  }
}

/** 403 `CSRF_TOKEN_…`: the server refuses even a fresh token. */
export class CSRFError extends VideoCraftAPIError {
  override get name(): string {
    return 'CSRFError';
  }
}

/** 403: the key is known but may not do this. */
export class PermissionDenied extends VideoCraftAPIError {
  override get name(): string {
    return 'PermissionDenied';
  }
}

/** 400, 413, 422 and other 4xx: the request itself is wrong; `details` says where. */
export class BadRequest extends VideoCraftAPIError {
  override get name(): string {
    return 'BadRequest';
  }
}

/** 404: no such video or job. */
export class NotFound extends VideoCraftAPIError {
  override get name(): string {
    return 'NotFound';
  }
}

/** 409: the thing is in a state in which this can't be done. */
export class Conflict extends VideoCraftAPIError {
  override get name(): string {
    return 'Conflict';
  }
}

/** 429, still after all retries. */
export class RateLimited extends VideoCraftAPIError {
  /** Milliseconds until a request can succeed, if the server said so. */
  retryAfter: number | undefined;
  /** Requests a minute that the key has. */
  limit: number | undefined;
  remaining: number | undefined;
  /** When the count starts anew, ISO 8601. */
  resetAt: string | undefined;

  override get name(): string {
    return 'RateLimited';
  }
}

/** 5xx, still after all retries. */
export class ServerError extends VideoCraftAPIError {
  /** Milliseconds that the server asked to wait, if it did. */
  retryAfter: number | undefined;

  override get name(): string {
    return 'ServerError';
  }
}

/** The answer is not one of VideoCraft's: another server, or a proxy in between. */
export class UnexpectedAnswer extends VideoCraftAPIError {
  override get name(): string {
    return 'UnexpectedAnswer';
  }
}

/** No answer, still after all retries: refused, broken off or timed out. */
export class ConnectionFailed extends VideoCraftAPIError {
  /** Whether the server may have received the request. */
  readonly sent: boolean;

  constructor(message: string, options: { sent: boolean; code?: string; cause?: unknown }) {
    super(message, { code: options.code ?? 'CONNECTION_FAILED', cause: options.cause });
    this.sent = options.sent;
  }

  override get name(): string {
    return 'ConnectionFailed';
  }
}

/** The file that arrived is not the one that was announced. */
export class DownloadFailed extends VideoCraftAPIError {
  override get name(): string {
    return 'DownloadFailed';
  }
}

/** The job did not end in the time given; it goes on at the server. */
export class WaitTimeout extends VideoCraftAPIError {
  /** The status that was seen last. */
  readonly last: JobStatus | undefined;

  constructor(message: string, last: JobStatus | undefined, cause?: unknown) {
    super(message, { code: 'WAIT_TIMEOUT', cause });
    this.last = last;
  }

  override get name(): string {
    return 'WaitTimeout';
  }
}

/** The job that was waited for has failed; `code` and `message` are the job's. */
export class JobFailed extends VideoCraftAPIError {
  readonly job: JobStatus;

  constructor(message: string, job: JobStatus, facts: ErrorFacts) {
    super(message, facts);
    this.job = job;
  }

  override get name(): string {
    return 'JobFailed';
  }
}

/** The job that was waited for has been cancelled. */
export class JobCancelled extends JobFailed {
  override get name(): string {
    return 'JobCancelled';
  }
}
