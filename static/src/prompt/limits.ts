// Compares a text with the limits of the service before it is sent. The server has the last
// word: it knows the message around the text.

import { count, say, sizeWithin } from "../text"
import type { Limits } from "../wire"

const warnFrom = 0.8 // of a limit

export interface Checked {
  over: string | null // the limit that forbids sending
  near: string | null // a warning
  told: string // the amount, where there is a limit; "" without
}

export function checkPrompt(text: string, { chars, messageBytes }: Limits): Checked {
  const isCounted = chars > 0
  const limit = isCounted ? chars : messageBytes
  if (limit === 0) return { over: null, near: null, told: "" }
  const amount = isCounted ? [...text].length : utf8Size(text)
  const shown = (n: number) => (isCounted ? count(n) : sizeWithin(n, limit))
  const values = { amount: shown(amount), limit: shown(limit) }
  const key = isCounted ? "prompt.chars" : "prompt.bytes"
  const told = amount === 0 ? "" : say("prompt.amount_of", values)
  if (amount > limit) return { over: say(`${key}.over`, values), near: null, told }
  return { over: null, near: amount > limit * warnFrom ? say(`${key}.near`, values) : null, told }
}

// utf8Size returns the length of a text in UTF-8, without encoding it.
function utf8Size(text: string): number {
  let bytes = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0x800) bytes += unit >= 0xd800 && unit < 0xe000 ? 1 : 2
    else if (unit >= 0x80) bytes++
  }
  return bytes
}
