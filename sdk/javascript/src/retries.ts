/** When a request may be repeated, and after how long. Times in milliseconds. */

import { ConnectionFailed, RateLimited, ServerError } from './errors.ts';
import type { VideoCraftAPIError } from './errors.ts';

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8_000;
/** A server that asks for more patience than this gets its error thrown. */
const LONGEST_ASKED = 120_000;
const MAY_PASS = new Set([500, 502, 503, 504]);

/** Whether the same request may succeed later. */
export function isTemporary(error: unknown): boolean {
  if (error instanceof ServerError) {
    return MAY_PASS.has(error.status ?? 0);
  }
  return error instanceof RateLimited || error instanceof ConnectionFailed;
}

/** Whether the server may have done what was asked, and only its answer is missing. */
export function mayHaveHappened(error: VideoCraftAPIError): boolean {
  return error instanceof ConnectionFailed ? error.sent : error instanceof ServerError;
}

/**
 * How long until the request of `error` is sent again; undefined if it is not to be.
 *
 * @param attempt how often it has been repeated already
 * @param repeatable whether doing it twice has the effect of doing it once
 */
export function pauseBeforeRepeating(
  error: VideoCraftAPIError,
  attempt: number,
  repeatable: boolean,
): number | undefined {
  if (!isTemporary(error) || (mayHaveHappened(error) && !repeatable)) {
    return undefined;
  }
  // With a part left to chance, so that many clients don't come back in step.
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt) * (0.5 + 0.5 * Math.random());
  const asked = error instanceof RateLimited || error instanceof ServerError ? error.retryAfter : undefined;
  if (asked === undefined) {
    return pause;
  }
  return asked <= LONGEST_ASKED ? asked + pause * 0.25 : undefined;
}
