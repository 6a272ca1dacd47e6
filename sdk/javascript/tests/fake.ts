/** The fake server of the repository's tests, which runs beside; it fails as it is told. */

import { VideoCraftAPI } from '../src/index.ts';
import type { Options } from '../src/index.ts';

export const BASE_URL = process.env['VIDEOCRAFT_FAKE_URL'] ?? '';
export const KEY = 'test-key';

export interface Received {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** Make the server forget everything, then set these fields; or, with `reset: false`, only set them. */
export async function control(fields: Record<string, unknown> = {}): Promise<void> {
  await (await fetch(new URL('/__control', BASE_URL), { method: 'POST', body: JSON.stringify(fields) })).text();
}

/** What the server was asked for: only `METHOD /path` if given. */
export async function requests(what = ''): Promise<Received[]> {
  const all = (await (await fetch(new URL('/__log', BASE_URL))).json()) as Received[];
  const plain = (one: Received): string => `${one.method} ${one.path.replace('/api/v1', '').split('?')[0]}`;
  return all.filter((one) => what === '' || plain(one) === what);
}

export function connect(options: Partial<Options> = {}): VideoCraftAPI {
  return new VideoCraftAPI({ baseURL: BASE_URL, apiKey: KEY, ...options });
}
