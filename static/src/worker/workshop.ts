// The page's side of the worker: one promise per job.

import { startWorker } from "../ui"
import type { Answer, Job, JobName, Jobs, Failure, ProgressOf } from "./protocol"

type Waiting = { resolve(output: unknown): void; reject(error: Error): void; progress(progress: unknown): void }

// JobError is the failure of a job.
export class JobError extends Error {
  constructor(readonly code: Failure["code"] | "stopped", message: string) {
    super(message)
  }
}

// Workshop runs jobs in a worker, which it starts at the first one.
export class Workshop {
  private worker: Worker | null = null
  private waiting = new Map<number, Waiting>()
  private last = 0

  // run runs a job; it rejects with a JobError when the job fails or the worker is stopped.
  run<K extends JobName>(name: K, input: Jobs[K]["input"], report?: (progress: ProgressOf<K>) => void): Promise<Jobs[K]["output"]> {
    const id = ++this.last
    const job = { id, name, input } as Job
    return new Promise<Jobs[K]["output"]>((resolve, reject) => {
      const tell = (told: unknown) => report?.(told as ProgressOf<K>)
      this.waiting.set(id, { resolve: (output) => resolve(output as Jobs[K]["output"]), reject, progress: tell })
      this.start().postMessage(job)
    })
  }

  // drop ends a busy worker, so that the next job need not wait.
  drop(): void {
    if (this.waiting.size > 0) this.stop()
  }

  stop(): void {
    this.worker?.terminate()
    this.worker = null
    for (const { reject } of this.waiting.values()) reject(new JobError("stopped", ""))
    this.waiting.clear()
  }

  private start(): Worker {
    if (this.worker) return this.worker
    const worker = startWorker()
    worker.onmessage = ({ data }: MessageEvent<Answer>) => this.settle(data)
    worker.onerror = () => this.stop()
    this.worker = worker
    return worker
  }

  private settle(answer: Answer): void {
    const waiting = this.waiting.get(answer.id)
    if ("progress" in answer) return waiting?.progress(answer.progress)
    this.waiting.delete(answer.id)
    if ("failure" in answer) waiting?.reject(new JobError(answer.failure.code, answer.failure.message))
    else waiting?.resolve(answer.output)
  }
}
