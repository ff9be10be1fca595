// What a binary message is, in place of its bytes: "PNG 1440 × 900", "audio 200 ms, −21 dB".
// It is read from the first bytes that the row has, and from what the dialect measured.

import { count, lasted, say } from "../text"
import type { Row, RowSound } from "../wire"
import { pictureOf, recognise } from "../worker"

const silence = -96 // dB

const measures = new WeakMap<Row, string>()

// measureOf returns the kind and measure of a message; "" where they are not known.
export function measureOf(row: Row): string {
  let known = measures.get(row)
  if (known === undefined) measures.set(row, known = measure(row))
  return known
}

function measure(row: Row): string {
  if (row.sound) return soundText(row.sound)
  if (row.opcode !== "binary" || row.asText) return ""
  const bytes = bytesOf(row.preview)
  const content = recognise(bytes, "binary")
  switch (content.kind) {
    case "image": {
      const picture = pictureOf(bytes, content.type)
      const name = nameOf(content.type)
      return picture ? say("log.measure.picture", { name, width: count(picture.width), height: count(picture.height) }) : say("log.measure.image", { name })
    }
    case "audio": return say("log.measure.file", { name: nameOf(content.type) })
    case "packed": return say("log.measure.packed", { name: content.type })
    case "known": return say(`detail.kind.${content.name}`)
    default: return ""
  }
}

// soundText names audio by its length and level.
export function soundText({ encoding, us, levelDb }: RowSound): string {
  const values = { encoding, time: lasted(us), level: `−${Math.abs(levelDb)} dB` }
  if (us === 0) return say("log.measure.audio_unknown", values)
  if (levelDb === 0) return say("log.measure.audio", values)
  return say(levelDb <= silence ? "log.measure.silence" : "log.measure.audio_level", values)
}

function nameOf(type: string): string {
  const name = type.slice(type.indexOf("/") + 1)
  return name === "mpeg" ? "MP3" : name === "mp4" ? "M4A" : name.toUpperCase()
}

// bytesOf reads hex digits.
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length >> 1 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16))
}
