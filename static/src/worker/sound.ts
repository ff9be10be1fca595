// Reads codec, sample rate and duration from the header of an audio file.

import { findBox, readBoxes, type Box } from "./boxes"
import { aacFrame, firstFrame, measureFrames, mp3Frame, type Frame } from "./frames"
import { ascii, big16, big32, big64, little16, little32 } from "./octets"

// Sound holds the facts of an audio file; rate 0 and seconds null are unknown.
export type Sound = { codec: string; rate: number; channels: number; bits: number; kbits: number; seconds: number | null }

const unknownSound: Sound = { codec: "", rate: 0, channels: 0, bits: 0, kbits: 0, seconds: null }

// soundOf reads the header of a sound of a recognised type.
export function soundOf(bytes: Uint8Array, type: string): Sound {
  switch (type) {
    case "audio/wav": return readWAV(bytes)
    case "audio/flac": return { ...unknownSound, codec: "FLAC", ...readFLAC(bytes, 4) }
    case "audio/ogg": return readOgg(bytes)
    case "audio/mpeg": return readFrames("MP3", bytes, mp3Frame)
    case "audio/aac": return readFrames("AAC", bytes, aacFrame)
    case "audio/mp4": return readMP4(bytes)
    default: return unknownSound
  }
}

const wavCodecs: Readonly<Record<number, string>> = { 1: "PCM", 2: "ADPCM", 3: "PCM float", 6: "A-law", 7: "µ-law", 0x11: "IMA ADPCM", 0x55: "MP3" }

function readWAV(bytes: Uint8Array): Sound {
  const sound = { ...unknownSound, codec: "WAV" }
  let perSecond = 0
  for (let at = 12; at + 8 <= bytes.length; at += 8 + little32(bytes, at + 4) + (little32(bytes, at + 4) & 1)) {
    const size = little32(bytes, at + 4)
    if (ascii(bytes, at, 4) === "fmt ") {
      const format = little16(bytes, at + 8)
      const codec = wavCodecs[format === 0xfffe ? little16(bytes, at + 32) : format]
      if (codec) sound.codec = `WAV, ${codec}`
      Object.assign(sound, { channels: little16(bytes, at + 10), rate: little32(bytes, at + 12), bits: little16(bytes, at + 22) })
      perSecond = little32(bytes, at + 16)
    } else if (ascii(bytes, at, 4) === "data") {
      // A recording in progress has size 0 or the largest size.
      const there = bytes.length - at - 8
      const held = size === 0 ? there : Math.min(size, there)
      return { ...sound, seconds: perSecond > 0 ? held / perSecond : null }
    }
  }
  return sound
}

// readFLAC reads STREAMINFO (RFC 9639, 8.2), the first block after the signature.
function readFLAC(bytes: Uint8Array, at: number): Partial<Sound> {
  const info = at + 4
  const word = big32(bytes, info + 10)
  const rate = Math.floor(word / 0x1000)
  const samples = ((bytes[info + 13] ?? 0) & 15) * 0x100000000 + big32(bytes, info + 14)
  const bits = ((word >>> 4) & 31) + 1
  return { rate, channels: ((word >>> 9) & 7) + 1, bits, seconds: rate > 0 && samples > 0 ? samples / rate : null }
}

function readOgg(bytes: Uint8Array): Sound {
  const first = 27 + (bytes[26] ?? 0) // the packet after the page header (RFC 3533, 6)
  const last = lastPage(bytes)
  const samples = little32(bytes, last + 6) + little32(bytes, last + 10) * 0x100000000
  if (ascii(bytes, first, 8) === "OpusHead") {
    const skipped = little16(bytes, first + 10)
    return { ...unknownSound, codec: "Opus", channels: bytes[first + 9] ?? 0, rate: little32(bytes, first + 12), seconds: Math.max(0, samples - skipped) / 48_000 }
  }
  if (ascii(bytes, first, 7) === "\x01vorbis") {
    const rate = little32(bytes, first + 12)
    return { ...unknownSound, codec: "Vorbis", channels: bytes[first + 11] ?? 0, rate, seconds: rate > 0 ? samples / rate : null }
  }
  if (ascii(bytes, first, 5) === "\x7fFLAC") return { ...unknownSound, codec: "Ogg FLAC", ...readFLAC(bytes, first + 13) }
  return { ...unknownSound, codec: "Ogg" }
}

const longestPage = 65_307

function lastPage(bytes: Uint8Array): number {
  const least = bytes.length - longestPage
  for (let at = bytes.lastIndexOf(0x4f); at > 0 && at >= least; at = bytes.lastIndexOf(0x4f, at - 1)) if (ascii(bytes, at, 4) === "OggS") return at
  return 0
}

function readFrames(codec: string, bytes: Uint8Array, read: (bytes: Uint8Array, at: number) => Frame | null): Sound {
  const first = read(bytes, firstFrame(bytes))
  if (!first) return { ...unknownSound, codec }
  const walked = measureFrames(bytes, read)
  // A tag may follow the last frame; a longer rest is frames after a gap.
  const rest = bytes.length - firstFrame(bytes) - walked.bytes
  const seconds = rest > 8192 ? walked.seconds * (1 + rest / walked.bytes) : walked.seconds
  return { ...unknownSound, codec, rate: first.rate, channels: first.channels, kbits: seconds > 0 ? Math.round((walked.bytes * 8) / walked.seconds / 1000) : 0, seconds }
}

function readMP4(bytes: Uint8Array): Sound {
  const track = tracks(bytes).find((track) => handlerOf(bytes, track) === "soun")
  const media = track && findBox(bytes, track, "mdia")
  const header = media && findBox(bytes, media, "mdhd")
  const entry = media && findBox(bytes, media, "minf", "stbl", "stsd")
  if (!header || !entry) return { ...unknownSound, codec: "MP4" }
  const wide = bytes[header.from] === 1
  const scale = big32(bytes, header.from + (wide ? 20 : 12))
  const length = wide ? big64(bytes, header.from + 24) : big32(bytes, header.from + 16)
  const codec = ascii(bytes, entry.from + 12, 4) === "mp4a" ? "AAC" : ascii(bytes, entry.from + 12, 4).trim()
  // Most encoders write 2 as the entry's channel count, so it is not read.
  const rate = big16(bytes, entry.from + 40)
  return { ...unknownSound, codec: `MP4, ${codec}`, rate, seconds: scale > 0 && length > 0 ? length / scale : null }
}

function tracks(bytes: Uint8Array): Box[] {
  const movie = findBox(bytes, { type: "", from: 0, to: bytes.length }, "moov")
  return movie ? [...readBoxes(bytes, movie)].filter((box) => box.type === "trak") : []
}

function handlerOf(bytes: Uint8Array, track: Box): string {
  const handler = findBox(bytes, track, "mdia", "hdlr")
  return handler ? ascii(bytes, handler.from + 8, 4) : ""
}

// isSoundAlone reports whether an MP4 has sound and no picture.
export function isSoundAlone(bytes: Uint8Array): boolean {
  const handlers = tracks(bytes).map((track) => handlerOf(bytes, track))
  return handlers.includes("soun") && !handlers.includes("vide")
}
