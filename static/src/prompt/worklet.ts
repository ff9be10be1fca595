// The script of the audio thread: joins the device's blocks to frames of 20 ms.

declare const sampleRate: number
declare class AudioWorkletProcessor {
  readonly port: MessagePort
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void

const size = Math.round(sampleRate / 50)

class Frames extends AudioWorkletProcessor {
  private frame = new Int16Array(size)
  private filled = 0
  private level = 0

  process(inputs: Float32Array[][]): boolean {
    for (const sample of inputs[0]?.[0] ?? []) {
      const bounded = Math.max(-1, Math.min(1, sample))
      this.level = Math.max(this.level, Math.abs(bounded))
      this.frame[this.filled++] = Math.round(bounded * 32767)
      if (this.filled === size) this.hand()
    }
    return true
  }

  private hand(): void {
    const { frame, level } = this
    this.port.postMessage({ samples: frame.buffer, level }, [frame.buffer])
    this.frame = new Int16Array(size) // the other one was handed over
    this.filled = 0
    this.level = 0
  }
}

registerProcessor("frames", Frames)
