/** The JavaScript client of VideoCraft's videos API; README.md shows it at work. */

import { configure } from './config.ts';
import type { Options } from './config.ts';
import { Exchange } from './exchange.ts';
import { Jobs, Videos } from './resources.ts';

export * from './errors.ts';
export type * from './types.ts';
export type { Options } from './config.ts';
export type { Abortable, ListJobs, ListVideos } from './resources.ts';
export type { WaitOptions } from './waiting.ts';
export { VERSION } from './version.ts';

/** A client of one server. */
export class VideoCraftAPI {
  readonly videos: Videos;
  readonly jobs: Jobs;

  /** @throws TypeError or RangeError: the address or the key can't be one. */
  constructor(options: Options) {
    const exchange = new Exchange(configure(options));
    this.videos = new Videos(exchange);
    this.jobs = new Jobs(exchange);
  }
}
