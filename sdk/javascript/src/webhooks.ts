/** For whoever receives webhooks, in Node: is this message really from my server? */

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export const SIGNATURE_HEADER = 'x-videocraft-signature';
const TOLERANCE = 300;

/** The message is not from the server, was changed on its way, or is an old one sent again. */
export class InvalidSignature extends Error {
  override get name(): string {
    return 'InvalidSignature';
  }
}

/**
 * Check a webhook's signature and read it.
 *
 * @param body the bytes as they came, not parsed and written again
 * @param headers of the request
 * @param secret what the server signs with
 * @param options.tolerance how many seconds old the message may be
 * @param options.now seconds since 1970, for tests
 * @returns the message; the same one may come twice with the same `X-VideoCraft-Delivery`
 * @throws InvalidSignature: don't believe it, answer 400
 */
export function verifyWebhook(
  body: Uint8Array | string,
  headers: Headers | IncomingHttpHeaders,
  secret: string,
  options: { tolerance?: number; now?: number } = {},
): Record<string, unknown> {
  const given = headers instanceof Headers ? headers.get(SIGNATURE_HEADER) : headers[SIGNATURE_HEADER];
  const match = /^t=([0-9]{1,15}),v1=([0-9a-f]{64})$/.exec(typeof given === 'string' ? given : '');
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new InvalidSignature(`There is no valid ${SIGNATURE_HEADER} header`);
  }
  const signed = createHmac('sha256', secret).update(`${match[1]}.`).update(body).digest();
  if (!timingSafeEqual(signed, Buffer.from(match[2], 'hex'))) {
    throw new InvalidSignature('The signature does not belong to this message');
  }
  const tolerance = options.tolerance ?? TOLERANCE;
  if (Math.abs((options.now ?? Date.now() / 1000) - Number(match[1])) > tolerance) {
    throw new InvalidSignature(`The message is not from within the last ${tolerance} seconds`);
  }
  const message: unknown = JSON.parse(typeof body === 'string' ? body : Buffer.from(body).toString('utf8'));
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw new InvalidSignature('The message is not an object');
  }
  return message as Record<string, unknown>;
}
