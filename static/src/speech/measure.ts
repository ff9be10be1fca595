// The measures of a sound: its loudness by ITU-R BS.1770, its peak, and a picture. It is the
// script of a worker: long sounds take a while.

import { Meter } from "./meter"
import { WavReader } from "./wav"

export interface Order {
  id: number
  url?: string
  file?: Blob
}

export interface Measured {
  id: number
  lufs: number | null
  peak: number | null // dB
  ms: number
  rate: number
  channels: number
  peaks: Uint8Array | null // one for each 20 ms, 255 is full scale
  failed: boolean
}

declare const self: { onmessage: ((event: MessageEvent<Order>) => void) | null; postMessage(value: Measured): void }

self.onmessage = ({ data }) => void measure(data)

async function measure({ id, url, file }: Order): Promise<void> {
  const failed: Measured = { id, lufs: null, peak: null, ms: 0, rate: 0, channels: 0, peaks: null, failed: true }
  try {
    const stream = file ? file.stream() : (await fetch(url ?? "")).body
    if (!stream) return self.postMessage(failed)
    const wav = new WavReader()
    let meter: Meter | null = null
    for (const reader = stream.getReader(); ; ) {
      const { done, value } = await reader.read()
      if (done) break
      const samples = wav.read(value)
      if (samples === null) return self.postMessage(failed)
      if (!wav.format) continue
      meter ??= new Meter(wav.format.rate)
      meter.add(samples)
    }
    if (!meter || !wav.format) return self.postMessage(failed)
    self.postMessage({ id, ...meter.result(), rate: wav.format.rate, channels: wav.format.channels, failed: false })
  } catch {
    self.postMessage(failed)
  }
}
