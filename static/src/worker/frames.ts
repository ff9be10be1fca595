// Reads audio made of frames that each have a header: MP3 (ISO 11172-3, 13818-3) and
// AAC in ADTS (ISO 13818-7). A sync word of eleven bits occurs by chance, so detection
// needs two frames in a row.

import { ascii } from "./octets"

// Frame is one frame: its length in bytes and its sound.
export type Frame = { length: number; samples: number; rate: number; channels: number; kbits: number }

type Read = (bytes: Uint8Array, at: number) => Frame | null

const mp3Rates = [44100, 48000, 32000]
const mp3Kbits: Readonly<Record<string, readonly number[]>> = {
  "1.1": [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  "1.2": [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  "1.3": [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  "2.1": [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  "2.2": [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  "2.3": [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
}

// mp3Frame parses the frame header at an offset.
export function mp3Frame(bytes: Uint8Array, at: number): Frame | null {
  const [sync = 0, second = 0, third = 0, fourth = 0] = bytes.subarray(at, at + 4)
  const version = (second >> 3) & 3 // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const layer = 4 - ((second >> 1) & 3)
  const base = mp3Rates[(third >> 2) & 3]
  const kbits = mp3Kbits[`${version === 3 ? 1 : 2}.${layer}`]?.[third >> 4]
  if (sync !== 0xff || second < 0xe0 || version === 1 || layer === 4 || !base || !kbits) return null
  const rate = base >> (3 - (version === 0 ? 1 : version))
  const samples = layer === 1 ? 384 : layer === 3 && version !== 3 ? 576 : 1152
  const padding = (third >> 1) & 1
  const length = layer === 1 ? (Math.floor((12_000 * kbits) / rate) + padding) * 4 : Math.floor(((samples / 8) * 1000 * kbits) / rate) + padding
  return { length, samples, rate, channels: fourth >> 6 === 3 ? 1 : 2, kbits }
}

const aacRates = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350]

// aacFrame parses the ADTS frame header at an offset.
export function aacFrame(bytes: Uint8Array, at: number): Frame | null {
  const [sync = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0, seventh = 0] = bytes.subarray(at, at + 7)
  const rate = aacRates[(third >> 2) & 15]
  const length = ((fourth & 3) << 11) | (fifth << 3) | (sixth >> 5)
  if (sync !== 0xff || (second & 0xf6) !== 0xf0 || !rate || length < 8) return null
  const samples = 1024 * ((seventh & 3) + 1)
  const channels = ((third & 1) << 2) | (fourth >> 6)
  return { length, samples, rate, channels: channels === 7 ? 8 : channels, kbits: Math.round((length * 8 * rate) / samples / 1000) }
}

export function isMP3(bytes: Uint8Array): boolean {
  return hasTwoFrames(bytes, mp3Frame)
}

export function isAAC(bytes: Uint8Array): boolean {
  return hasTwoFrames(bytes, aacFrame)
}

// firstFrame returns the offset of the first frame, past an ID3 tag if there is one
// (ID3v2.4, 3.1).
export function firstFrame(bytes: Uint8Array): number {
  if (ascii(bytes, 0, 3) !== "ID3") return 0
  return 10 + bytes.subarray(6, 10).reduce((size, byte) => (size << 7) | (byte & 0x7f), 0)
}

function hasTwoFrames(bytes: Uint8Array, read: Read): boolean {
  const at = firstFrame(bytes)
  const first = read(bytes, at)
  if (!first) return false
  const second = read(bytes, at + first.length)
  if (second) return second.rate === first.rate
  return at > 0 && at + first.length >= bytes.length // a tag in front makes a single frame enough
}

// measureFrames sums the duration and the bytes of all frames.
export function measureFrames(bytes: Uint8Array, read: Read): { seconds: number; bytes: number } {
  const from = firstFrame(bytes)
  let seconds = 0
  let at = from
  for (let frame = read(bytes, at); frame; frame = read(bytes, at)) {
    seconds += frame.samples / frame.rate
    at += frame.length
  }
  return { seconds, bytes: at - from }
}
