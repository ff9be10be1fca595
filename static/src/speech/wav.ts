// Reads a WAV while it arrives (RIFF, WAVE_FORMAT_PCM of 16 bits and WAVE_FORMAT_IEEE_FLOAT
// of 32). The length in the header of a live one is not known, and is not used.

export interface WavFormat {
  rate: number // Hz
  channels: number
  isFloat: boolean
}

const pcm = 1
const float = 3
const extensible = 0xfffe
const longestHeader = 4096 // bytes

export class WavReader {
  format: WavFormat | null = null
  private rest = new Uint8Array(0)

  // read takes bytes and returns the samples of each channel that are complete, -1 to 1; null
  // when these bytes are no WAV that it reads.
  read(bytes: Uint8Array): Float32Array<ArrayBuffer>[] | null {
    this.rest = joined(this.rest, bytes)
    if (!this.format) {
      const header = headerOf(this.rest)
      if (header === null) return null
      if (header === "more") return this.rest.length > longestHeader ? null : []
      this.format = header.format
      this.rest = this.rest.slice(header.length)
    }
    const { channels, isFloat } = this.format
    const width = isFloat ? 4 : 2
    const frames = Math.floor(this.rest.length / (width * channels))
    const view = new DataView(this.rest.buffer, this.rest.byteOffset)
    const out = Array.from({ length: channels }, () => new Float32Array(frames))
    for (let at = 0; at < frames * channels; at++) {
      const sample = isFloat ? view.getFloat32(at * 4, true) : view.getInt16(at * 2, true) / 32768
      const channel = out[at % channels]
      if (channel) channel[Math.floor(at / channels)] = sample
    }
    this.rest = this.rest.slice(frames * width * channels)
    return out
  }
}

function headerOf(bytes: Uint8Array): { format: WavFormat; length: number } | "more" | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const name = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))
  if (bytes.length < 12) return "more"
  if (name(0) !== "RIFF" || name(8) !== "WAVE") return null
  let format: WavFormat | null = null
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true)
    if (name(at) === "data") return format && { format, length: at + 8 }
    if (at + 8 + length > bytes.length) return "more"
    if (name(at) === "fmt ") {
      const kind = view.getUint16(at + 8, true)
      const tag = kind === extensible && length >= 26 ? view.getUint16(at + 32, true) : kind
      const bits = view.getUint16(at + 22, true)
      if (!(tag === pcm && bits === 16) && !(tag === float && bits === 32)) return null
      format = { rate: view.getUint32(at + 12, true), channels: view.getUint16(at + 10, true), isFloat: tag === float }
      if (format.channels < 1 || format.rate < 1) return null
    }
    at += 8 + length + (length % 2)
  }
  return "more"
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(a.length + b.length)
  out.set(a)
  out.set(b, a.length)
  return out
}
