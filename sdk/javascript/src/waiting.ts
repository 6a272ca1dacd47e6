/** Waiting for a job's end by asking for its status, ever more rarely. Times in milliseconds. */

import { dataOf, isObject } from './answers.ts';
import { JobCancelled, JobFailed, RateLimited, UnexpectedAnswer, WaitTimeout } from './errors.ts';
import type { Call, Exchange } from './exchange.ts';
import { isTemporary } from './retries.ts';
import { sleep } from './sleep.ts';
import type { JobResult, JobStatus } from './types.ts';

const GROWTH = 1.25;
const LONGEST_INTERVAL = 10_000;
/** How long the server may be away (restarted, say) while a job is waited for. */
const PATIENCE = 120_000;

export interface WaitOptions {
  /** Milliseconds; without it, as long as it takes. */
  timeout?: number;
  /** Milliseconds between the first two questions; later ones come up to 10 s apart. Default: 1000. */
  pollInterval?: number;
  /** Called with each status that comes. */
  onProgress?: (status: JobStatus) => void;
  signal?: AbortSignal;
}

export async function waitForCompletion(
  exchange: Exchange,
  call: Call,
  options: WaitOptions,
): Promise<JobResult> {
  const { timeout, signal } = options;
  let interval = options.pollInterval ?? 1_000;
  if (!(interval > 0)) {
    throw new RangeError('pollInterval must be more than 0 milliseconds');
  }
  let seen = performance.now();
  const deadline = timeout === undefined ? undefined : seen + timeout;
  const longest = Math.max(interval, LONGEST_INTERVAL);
  let last: JobStatus | undefined;
  for (;;) {
    let pause = interval;
    let trouble: unknown;
    try {
      last = statusOf(dataOf(await exchange.perform(call, { signal, deadline })));
      seen = performance.now();
    } catch (error) {
      if (!isTemporary(error) || performance.now() - seen > PATIENCE) {
        throw error;
      }
      trouble = error;
      if (error instanceof RateLimited) {
        pause = Math.max(pause, error.retryAfter ?? 0);
      }
    }
    if (trouble === undefined && last !== undefined) {
      options.onProgress?.(last);
      if (last.status === 'completed' || last.status === 'failed' || last.status === 'cancelled') {
        return resultOf(last);
      }
    }
    const left = deadline === undefined ? pause : deadline - performance.now();
    if (left <= 0) {
      throw new WaitTimeout(`The job did not end within ${timeout} milliseconds`, last, trouble);
    }
    await sleep(Math.min(pause, left), signal);
    interval = Math.min(interval * GROWTH, longest);
  }
}

function statusOf(data: unknown): JobStatus {
  if (!isObject(data) || typeof data['status'] !== 'string') {
    throw new UnexpectedAnswer("The server's answer holds no job status", { code: 'UNEXPECTED_ANSWER' });
  }
  return data as unknown as JobStatus;
}

function resultOf(job: JobStatus): JobResult {
  if (job.status === 'cancelled') {
    throw new JobCancelled('The job was cancelled', job, { code: 'JOB_CANCELLED' });
  }
  if (job.status === 'failed') {
    throw new JobFailed(typeof job.error === 'string' ? job.error : 'The job failed', job, {
      code: typeof job.code === 'string' ? job.code : 'JOB_FAILED',
    });
  }
  if (!isObject(job.result)) {
    throw new UnexpectedAnswer('The job is completed but has no result', { code: 'UNEXPECTED_ANSWER' });
  }
  return job.result as unknown as JobResult;
}
