// Asks the worker that measures sounds. It is started at the first question.

import { startWorker } from "../ui"
import type { Measured, Order } from "./measure"

let worker: Worker | null = null
let orders = 0
const waiting = new Map<number, (measured: Measured) => void>()
const known = new Map<string, Promise<Measured>>()
const most = 50 // results that are kept

function ask(order: Omit<Order, "id">): Promise<Measured> {
  if (!worker) {
    worker = startWorker(MEASURE_URL)
    worker.onmessage = ({ data }: MessageEvent<Measured>) => {
      waiting.get(data.id)?.(data)
      waiting.delete(data.id)
    }
  }
  const id = ++orders
  return new Promise((resolve) => {
    waiting.set(id, resolve)
    worker?.postMessage({ id, ...order })
  })
}

// measureURL measures a sound of the server; it does not change.
export function measureURL(url: string): Promise<Measured> {
  const before = known.get(url)
  if (before) return before
  const measured = ask({ url: new URL(url, location.href).href })
  if (known.size >= most) known.clear()
  known.set(url, measured)
  return measured
}

// measureFile measures a file of this computer.
export function measureFile(file: Blob): Promise<Measured> {
  return ask({ file })
}
