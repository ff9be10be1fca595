// A WAV of made-up speech for the demo recogniser, which hears the same sentences from
// everybody: syllables of a low voice with pauses between words and sentences.

const rate = 16_000 // Hz
const seconds = 12

export function madeUpSpeech(): Blob {
  const samples = new Int16Array(rate * seconds)
  let seed = 11
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647
  let at = Math.round(rate * 0.2)
  for (let word = 0; at < samples.length - rate / 2; word++) {
    const syllables = 1 + Math.floor(random() * 3)
    for (let n = 0; n < syllables && at < samples.length; n++) at = addSyllable(samples, at, 105 + random() * 40, 0.11 + random() * 0.1, random)
    at += Math.round(rate * (word % 7 === 6 ? 0.55 : 0.05 + random() * 0.08))
  }
  return new Blob([header(samples.byteLength), samples], { type: "audio/wav" })
}

// addSyllable writes a vowel of a voice at a pitch in Hz and returns its end.
function addSyllable(samples: Int16Array, from: number, pitch: number, length: number, random: () => number): number {
  const count = Math.round(rate * length)
  const formants = [350 + random() * 450, 900 + random() * 1400]
  for (let n = 0; n < count && from + n < samples.length; n++) {
    const t = n / rate
    const shape = Math.sin((Math.PI * n) / count) ** 0.6
    let value = 0
    for (let harmonic = 1; harmonic <= 18; harmonic++) {
      const frequency = pitch * harmonic
      const gain = formants.reduce((sum, formant) => sum + 1 / (1 + ((frequency - formant) / 140) ** 2), 0.05) / Math.sqrt(harmonic)
      value += gain * Math.sin(2 * Math.PI * frequency * t)
    }
    samples[from + n] = Math.max(-32767, Math.min(32767, Math.round(value * shape * 5200)))
  }
  return from + count
}

function header(bytes: number): ArrayBuffer {
  const out = new DataView(new ArrayBuffer(44))
  const text = (at: number, word: string) => [...word].forEach((char, n) => out.setUint8(at + n, char.charCodeAt(0)))
  text(0, "RIFF")
  out.setUint32(4, 36 + bytes, true)
  text(8, "WAVEfmt ")
  out.setUint32(16, 16, true)
  out.setUint16(20, 1, true)
  out.setUint16(22, 1, true)
  out.setUint32(24, rate, true)
  out.setUint32(28, rate * 2, true)
  out.setUint16(32, 2, true)
  out.setUint16(34, 16, true)
  text(36, "data")
  out.setUint32(40, bytes, true)
  return out.buffer
}
