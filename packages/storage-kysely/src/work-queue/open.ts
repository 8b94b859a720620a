/** Opens the work queue. The queue library is loaded only here, so that light commands do not pay for it. */
import type { WorkQueue, WorkQueueOptions } from './work-queue.ts';

export async function openWorkQueue(options: WorkQueueOptions): Promise<WorkQueue> {
  const { startWorkQueue } = await import('./work-queue.ts');
  return startWorkQueue(options);
}
