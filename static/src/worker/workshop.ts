// The page's end of the worker: one promise a job.

import { startWorker } from "../ui"
import type { Answer, Job, JobName, Jobs, Failure, ProgressOf } from "./protocol"

type Waiting = { resolve(output: unknown): void; reject(error: Error): void; progress(progress: unknown): void }

// JobError is a job that was not done.
export class JobError extends Error {
  constructor(readonly code: Failure["code"] | "stopped", message: string) {
    super(message)
  }
}

// Workshop starts the worker at its first job.
export class Workshop {
  private worker: Worker | null = null
  private waiting = new Map<number, Waiting>()
  private last = 0

  // run does one job; it rejects with a JobError when the worker is stopped first.
  run<K extends JobName>(name: K, input: Jobs[K]["input"], report?: (progress: ProgressOf<K>) => void): Promise<Jobs[K]["output"]> {
    const id = ++this.last
    const job = { id, name, input } as Job
    return new Promise<Jobs[K]["output"]>((resolve, reject) => {
      const tell = (told: unknown) => report?.(told as ProgressOf<K>)
      this.waiting.set(id, { resolve: (output) => resolve(output as Jobs[K]["output"]), reject, progress: tell })
      this.start().postMessage(job)
    })
  }

  // drop ends a worker that is still busy, so that the next job need not wait for it.
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
