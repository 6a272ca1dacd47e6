/** From replies to data or errors; nothing here sends anything. */

import {
  AuthenticationError,
  BadRequest,
  Conflict,
  CSRFError,
  NotFound,
  PermissionDenied,
  RateLimited,
  ServerError,
  UnexpectedAnswer,
  VideoCraftAPIError,
} from './errors.ts';
import type { ErrorFacts } from './errors.ts';

/** An answer that has arrived; `text` is empty where the body went somewhere else. */
export interface Reply {
  status: number;
  headers: Headers;
  text: string;
}

type Kind = new (message: string, facts: ErrorFacts) => VideoCraftAPIError;

const BY_STATUS: Record<number, Kind> = {
  401: AuthenticationError,
  403: PermissionDenied,
  404: NotFound,
  409: Conflict,
  429: RateLimited,
};

/** The `data` of a successful answer. */
export function dataOf<T>(reply: Reply): T {
  const body = objectOf(reply);
  if (!('data' in body)) {
    throw new UnexpectedAnswer("This is not an answer of VideoCraft's videos API; check baseURL", {
      code: 'UNEXPECTED_ANSWER',
      status: reply.status,
      requestId: reply.headers.get('x-request-id') ?? undefined,
    });
  }
  return body['data'] as T;
}

/** The error that an answer of 3xx, 4xx or 5xx stands for, whoever gave it. */
export function errorOf(reply: Reply): VideoCraftAPIError {
  const body = objectOf(reply);
  const code = textOf(body['code']);
  const message = code === undefined ? undefined : textOf(body['error']);
  const details = body['details'];
  const kind = kindOf(reply.status, code ?? '');
  const error = new kind(message ?? `The server answered ${reply.status}`, {
    code: code ?? `HTTP_${reply.status}`,
    status: reply.status,
    details: isObject(details) ? details : undefined,
    requestId: textOf(body['request_id']) ?? reply.headers.get('x-request-id') ?? undefined,
  });
  if (error instanceof RateLimited || error instanceof ServerError) {
    error.retryAfter = retryAfter(reply, body);
  }
  if (error instanceof RateLimited) {
    error.limit = numberOf(body['limit']);
    error.remaining = numberOf(body['remaining']);
    error.resetAt = textOf(body['reset_at']);
  }
  return error;
}

/** Milliseconds from an answer's own `Date`, so that a wrong clock here does no harm, to a time in it. */
export function millisecondsUntil(moment: unknown, headers: Headers): number | undefined {
  const at = Date.parse(String(moment));
  return Number.isNaN(at) ? undefined : at - dateOf(headers);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function dateOf(headers: Headers): number {
  // Browsers hide this header of other origins.
  const at = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(at) ? Date.now() : at;
}

function kindOf(status: number, code: string): Kind {
  if (status === 403 && code.startsWith('CSRF_')) {
    return CSRFError;
  }
  if (status < 400) {
    return UnexpectedAnswer;
  }
  return BY_STATUS[status] ?? (status < 500 ? BadRequest : ServerError);
}

function retryAfter(reply: Reply, body: Record<string, unknown>): number | undefined {
  const given = reply.headers.get('retry-after') ?? body['retry_after'];
  if (given === undefined || given === null || given === '') {
    return undefined;
  }
  const seconds = Number(given);
  const pause = Number.isNaN(seconds) ? millisecondsUntil(given, reply.headers) : seconds * 1000;
  return pause !== undefined && Number.isFinite(pause) ? Math.max(0, pause) : undefined;
}

function objectOf(reply: Reply): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(reply.text);
    return isObject(body) ? body : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
