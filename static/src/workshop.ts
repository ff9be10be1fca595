// The page's end of the worker: one promise a job.

import { startWorker } from "./trusted"
import type { Answer, Job, JobName, Jobs } from "./worker/protocol"

type Waiting = { resolve(give: unknown): void; reject(error: Error): void }

// Workshop starts the worker at its first job.
export class Workshop {
  private worker: Worker | null = null
  private waiting = new Map<number, Waiting>()
  private last = 0

  // run does one job; it rejects when the worker is stopped first.
  run<K extends JobName>(name: K, take: Jobs[K]["take"], transfer: Transferable[] = []): Promise<Jobs[K]["give"]> {
    const id = ++this.last
    const job = { id, name, take } as Job
    return new Promise<Jobs[K]["give"]>((resolve, reject) => {
      this.waiting.set(id, { resolve: (give) => resolve(give as Jobs[K]["give"]), reject })
      this.start().postMessage(job, transfer)
    })
  }

  // drop ends a worker that is still busy, so that the next job need not wait for it.
  drop(): void {
    if (this.waiting.size > 0) this.stop()
  }

  stop(): void {
    this.worker?.terminate()
    this.worker = null
    for (const { reject } of this.waiting.values()) reject(new Error("worker stopped"))
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
    this.waiting.delete(answer.id)
    if ("error" in answer) waiting?.reject(new Error(answer.error))
    else waiting?.resolve(answer.give)
  }
}
