/** Shapes of what is sent and answered, as on the wire. */

export type JobState = 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled';

/** Times in seconds, places and sizes in pixels; keys beyond these are sent as they are. */
export interface Element {
  type: 'audio' | 'image' | 'video' | 'subtitles' | 'text' | (string & {});
  src?: string;
  id?: string;
  settings?: Record<string, unknown>;
  x?: number;
  y?: number;
  width?: number;
  height?: number;
  'z-index'?: number;
  resize?: 'cover' | 'contain' | 'fit' | 'stretch' | 'center';
  volume?: number;
  start?: number;
  duration?: number;
  loop?: boolean;
  'fade-in'?: number;
  'fade-out'?: number;
  language?: string;
  text?: string;
  [key: string]: unknown;
}

export interface Scene {
  id?: string;
  elements: Element[];
  'background-color'?: string;
  duration?: number;
  transition?: unknown;
  [key: string]: unknown;
}

/** What `videos.create` takes. */
export interface Project {
  scenes: Scene[];
  elements?: Element[];
  quality?: 'low' | 'medium' | 'high';
  resolution?: string;
  width?: number;
  height?: number;
  variables?: Record<string, unknown>;
  webhook_url?: string;
  [key: string]: unknown;
}

export interface Pagination {
  limit: number;
  offset: number;
  total: number;
  has_more?: boolean;
}

export interface JobCreated {
  job_id: string;
  status: JobState;
  progress: number;
  created_at: string;
  status_url: string;
}

/** A job as `jobs.list` and `jobs.get` answer it; the list fills in a part. */
export interface Job {
  id: string;
  status: JobState;
  progress: number;
  current_step?: string | null;
  estimated_completion?: string | null;
  video_config?: Record<string, unknown>;
  processing_log?: Record<string, unknown>[];
  created_at: string;
  updated_at: string;
}

/** What a completed job has made; `download_url` is a path of the server. */
export interface JobResult {
  video_id: string;
  download_url: string;
  file_size: number;
  duration: number;
}

/** `progress` is 0-100. */
export interface JobStatus {
  job_id: string;
  status: JobState;
  progress: number;
  current_step?: string | null;
  result?: JobResult | null;
  error?: string;
  code?: string;
  updated_at: string;
}

export interface JobCancellation {
  job_id: string;
  status: JobState;
  cancelled_at: string;
}

export interface JobList {
  jobs: Job[];
  pagination: Pagination;
}

/** A finished film; `videos.get` fills in all of it, `videos.list` a part. */
export interface Video {
  id: string;
  job_id: string;
  status: JobState;
  file_size: number;
  duration: number;
  resolution: string;
  created_at: string;
  completed_at: string;
  download_url: string;
  preview_url?: string;
  file_format?: string;
  framerate?: number;
  audio_codec?: string | null;
  video_codec?: string;
  subtitle_tracks?: Record<string, unknown>[];
  processing_stats?: Record<string, number>;
}

export interface VideoList {
  videos: Video[];
  pagination: Pagination;
}
