// Plays the audio of one side of a turn while it arrives, and again from any place. It is a
// chunk of its own, loaded at the first press of Play.

import { WavReader } from "./wav"

const ahead = 1 // s of sound handed to the device
const look = 100 // ms between two looks at the device

export class Player {
  failed = false
  private chunks: Float32Array<ArrayBuffer>[][] = [] // by chunk, then by channel
  private rate = 0
  private frames = 0 // that have arrived
  private isComplete = false
  private cursor = 0 // frame that is handed to the device next
  private startedAt = 0 // context time at which frame startedFrom sounds
  private startedFrom = 0
  private isOn = false
  private sources = new Set<AudioBufferSourceNode>()
  private readonly timer = window.setInterval(() => this.feed(), look)
  private readonly stop = new AbortController()

  constructor(private readonly context: AudioContext, url: string, private readonly changed: () => void, private wanted = 0) {
    void this.load(url).catch(() => this.fail())
  }

  get playing(): boolean {
    return this.isOn
  }

  // duration is the length of what has arrived, in seconds.
  get duration(): number {
    return this.rate > 0 ? this.frames / this.rate : 0
  }

  get position(): number {
    if (this.rate === 0) return 0
    if (!this.isOn) return this.startedFrom / this.rate
    const passed = this.startedFrom / this.rate + Math.max(0, this.context.currentTime - this.startedAt)
    return Math.min(passed, this.cursor / this.rate)
  }

  play(): void {
    if (this.isOn) return
    if (this.isComplete && this.startedFrom >= this.frames) this.startedFrom = 0
    this.isOn = true
    this.cursor = this.startedFrom
    this.startedAt = 0
    void this.context.resume()
    this.feed()
    this.changed()
  }

  pause(): void {
    if (!this.isOn) return
    this.startedFrom = Math.round(this.position * this.rate)
    this.silence()
    this.isOn = false
    this.changed()
  }

  seek(seconds: number): void {
    const was = this.isOn
    this.pause()
    this.startedFrom = Math.max(0, Math.min(this.frames, Math.round(seconds * this.rate)))
    if (was) this.play()
    else this.changed()
  }

  destroy(): void {
    this.stop.abort()
    window.clearInterval(this.timer)
    this.silence()
    this.isOn = false
  }

  private async load(url: string): Promise<void> {
    const response = await fetch(url, { signal: this.stop.signal })
    if (!response.ok || !response.body) return this.fail()
    const reader = new WavReader()
    const kept: Uint8Array[] = []
    for (const stream = response.body.getReader(); ; ) {
      const { done, value } = await stream.read()
      if (done) break
      if (this.rate === 0) kept.push(value)
      const samples = reader.read(value)
      if (samples === null) return this.decode(kept, stream)
      if (reader.format) this.add(samples, reader.format.rate)
    }
    this.complete()
  }

  // decode hands an encoding that is no plain WAV to the browser, whole.
  private async decode(kept: Uint8Array[], stream: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    for (let next = await stream.read(); !next.done; next = await stream.read()) kept.push(next.value)
    const body = await new Blob(kept as BlobPart[]).arrayBuffer()
    const sound = await this.context.decodeAudioData(body)
    const channels = Array.from({ length: sound.numberOfChannels }, (_, index) => new Float32Array(sound.getChannelData(index)))
    this.add(channels, sound.sampleRate)
    this.complete()
  }

  private add(channels: Float32Array<ArrayBuffer>[], rate: number): void {
    if (this.rate === 0 && this.wanted > 0) this.startedFrom = this.cursor = Math.round(this.wanted * rate)
    this.rate = rate
    const length = channels[0]?.length ?? 0
    if (length === 0) return
    this.chunks.push(channels)
    this.frames += length
    this.feed()
  }

  private complete(): void {
    this.isComplete = true
    if (this.startedFrom > this.frames) this.startedFrom = this.cursor = this.frames // asked for beyond the end
    this.changed()
  }

  private fail(): void {
    if (this.stop.signal.aborted) return
    this.failed = true
    this.isOn = false
    this.changed()
  }

  // feed hands the device what it will play next, and ends at the end of the sound.
  private feed(): void {
    if (!this.isOn || this.rate === 0) return
    const { context } = this
    if (this.startedAt === 0) this.begin(this.cursor)
    const passed = (context.currentTime - this.startedAt) * this.rate + this.startedFrom
    if (this.cursor < this.frames && passed > this.cursor) this.begin(this.cursor) // the sound came late
    while (this.cursor < this.frames && this.cursor - passed < ahead * this.rate) this.hand()
    if (this.isComplete && this.cursor >= this.frames && passed >= this.frames) this.end()
    else this.changed()
  }

  private begin(frame: number): void {
    this.startedFrom = frame
    this.startedAt = this.context.currentTime + 0.02
  }

  private end(): void {
    this.startedFrom = this.frames
    this.isOn = false
    this.changed()
  }

  // hand schedules the rest of the chunk at the cursor.
  private hand(): void {
    let at = 0
    const chunk = this.chunks.find(([channel]) => (at += channel?.length ?? 0) > this.cursor)
    const length = chunk?.[0]?.length ?? 0
    if (!chunk || length === 0) return
    const from = this.cursor - (at - length)
    const buffer = this.context.createBuffer(chunk.length, length - from, this.rate)
    chunk.forEach((channel, index) => buffer.copyToChannel(channel.subarray(from), index))
    const source = this.context.createBufferSource()
    source.buffer = buffer
    source.connect(this.context.destination)
    source.onended = () => this.sources.delete(source)
    source.start(this.startedAt + (this.cursor - this.startedFrom) / this.rate)
    this.sources.add(source)
    this.cursor = at
  }

  private silence(): void {
    for (const source of this.sources) source.stop()
    this.sources.clear()
  }
}
