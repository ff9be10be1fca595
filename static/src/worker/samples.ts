// Writes samples of sound as a WAV file, which browsers play.

// wavOf returns a WAV of 16 bit samples; null for an encoding that is not known.
export function wavOf(data: Uint8Array, encoding: string, rate: number, channels: number): Uint8Array<ArrayBuffer> | null {
  const width = { s16le: 2, f32le: 4, mulaw: 1, alaw: 1 }[encoding]
  if (width === undefined || rate <= 0) return null
  const count = Math.floor(data.length / width)
  const wav = new Uint8Array(44 + 2 * count)
  const out = new DataView(wav.buffer)
  const text = (at: number, letters: string): void => { for (let i = 0; i < letters.length; i++) wav[at + i] = letters.charCodeAt(i) }
  const across = Math.max(1, channels)
  text(0, "RIFF")
  out.setUint32(4, 36 + 2 * count, true)
  text(8, "WAVEfmt ")
  out.setUint32(16, 16, true)
  out.setUint16(20, 1, true)
  out.setUint16(22, across, true)
  out.setUint32(24, rate, true)
  out.setUint32(28, rate * across * 2, true)
  out.setUint16(32, across * 2, true)
  out.setUint16(34, 16, true)
  text(36, "data")
  out.setUint32(40, 2 * count, true)
  const from = new DataView(data.buffer, data.byteOffset, data.byteLength)
  for (let i = 0; i < count; i++) out.setInt16(44 + 2 * i, sampleAt(from, i, encoding), true)
  return wav
}

function sampleAt(data: DataView, i: number, encoding: string): number {
  switch (encoding) {
    case "s16le": return data.getInt16(2 * i, true)
    case "f32le": return Math.round(Math.max(-1, Math.min(1, data.getFloat32(4 * i, true) || 0)) * 0x7fff)
    case "mulaw": return muLaw(data.getUint8(i))
    default: return aLaw(data.getUint8(i))
  }
}

// muLaw and aLaw are ITU-T G.711, scaled to 16 bits.
function muLaw(code: number): number {
  const bits = ~code & 0xff
  const magnitude = ((((bits & 0x0f) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84
  return bits & 0x80 ? -magnitude : magnitude
}

function aLaw(code: number): number {
  const bits = code ^ 0x55
  const segment = (bits >> 4) & 7
  const base = ((bits & 0x0f) << 4) + 8
  const magnitude = segment === 0 ? base : (base + 0x100) << (segment - 1)
  return bits & 0x80 ? magnitude : -magnitude
}
