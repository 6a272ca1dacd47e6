import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';

import { InvalidSignature, verifyWebhook } from '../src/webhooks.ts';

const SECRET = 'whsec';
const BODY = '{"event": "job.completed"}';
const NOW = 1_700_000_000;

function signed(body = BODY, at = NOW, secret = SECRET): Record<string, string> {
  const digest = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
  return { 'x-videocraft-signature': `t=${at},v1=${digest}` };
}

describe('a webhook', () => {
  it('is read while it is fresh', () => {
    for (const late of [-300, 0, 300]) {
      const message = verifyWebhook(Buffer.from(BODY), new Headers(signed()), SECRET, { now: NOW + late });
      assert.deepEqual(message, { event: 'job.completed' });
    }
  });

  it('is refused when it is old, changed, not ours, or no object', () => {
    const now = NOW;
    const moved = { 'x-videocraft-signature': signed()['x-videocraft-signature']?.replace('t=17', 't=18') };
    const refused = (body: string, headers: object, at: number): void =>
      assert.throws(() => verifyWebhook(body, { ...headers }, SECRET, { now: at }), InvalidSignature);
    refused(BODY, signed(), NOW + 301);
    refused(`${BODY} `, signed(), now);
    refused(BODY, moved, now);
    refused(BODY, signed(BODY, NOW, 'guess'), now);
    refused(BODY, {}, now);
    refused(BODY, { 'x-videocraft-signature': 't=1,v1=00' }, now);
    refused('[]', signed('[]'), now);
  });
});
