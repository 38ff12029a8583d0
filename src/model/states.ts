/** What the states mean to a view; the server alone decides the moves. */
import type { IJobFilter, Job, State } from '../tokens';

const FINAL: ReadonlySet<State> = new Set<State>([
  'COMPLETE',
  'FAILED',
  'CANCELED'
]);

export function isFinal(state: State): boolean {
  return FINAL.has(state);
}

/** Whether a stop can still be asked for. */
export function canStop(job: Job): boolean {
  return !isFinal(job.state);
}

export const LOWEST_PRIORITY = 1;
export const USUAL_PRIORITY = 5;
export const HIGHEST_PRIORITY = 10;

/** Whether it failed and waits for another attempt. */
export function waitsForRetry(job: Job): boolean {
  return job.state === 'QUEUED' && job.attempt > 0;
}

/** The attempt that a job is at, or waits for; 1-based. */
export function attemptOf(job: Job): number {
  return job.state === 'QUEUED' ? job.attempt + 1 : job.attempt;
}

/** How many attempts a job has at most. */
export function mostAttempts(job: Job): number {
  return job.settings.retries.count + 1;
}

/** Milliseconds until a queued job may start, or null when nothing holds it back. */
export function dueIn(job: Job, now: number): number | null {
  if (job.state !== 'QUEUED' || !job.not_before) {
    return null;
  }
  const left = Date.parse(job.not_before) - now;
  return left > 0 ? left : null;
}

/** Milliseconds that the user's code has run, or null before it began. */
export function elapsed(job: Job, now: number): number | null {
  if (!job.started_at) {
    return null;
  }
  const end = job.finished_at ? Date.parse(job.finished_at) : now;
  // The server's clock may be ahead of this one.
  return Math.max(0, end - Date.parse(job.started_at));
}

/** Newest first; the id decides between jobs of one microsecond. */
export function newestFirst(a: Job, b: Job): number {
  if (a.created_at !== b.created_at) {
    return a.created_at < b.created_at ? 1 : -1;
  }
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}

/** The same rule as the server's, for changes that arrive live. */
export function matches(job: Job, filter: IJobFilter): boolean {
  if (filter.states.length && !filter.states.includes(job.state)) {
    return false;
  }
  const q = filter.q.trim().toLowerCase();
  return (
    !q ||
    job.name.toLowerCase().includes(q) ||
    job.script.path.toLowerCase().includes(q)
  );
}
