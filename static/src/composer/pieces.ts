// Encodes and decodes long texts in pieces, so that no step blocks the page: a Blob of
// 12 MB of text takes more than 60 ms at once.

const piece = 1 << 20 // bytes, or UTF-16 units

// encode returns a text in UTF-8; slice returns a part of the text.
export async function encode(length: number, slice: (from: number, to: number) => string): Promise<Blob> {
  const parts: Blob[] = []
  for (let from = 0; from < length; ) {
    let to = Math.min(from + piece, length)
    let text = slice(from, to)
    if (to < length && endsWithin(text)) text = slice(from, ++to)
    parts.push(new Blob([text]))
    from = to
    await breath()
  }
  return new Blob(parts)
}

// decode yields the text of bytes in pieces and keeps a byte order mark.
export async function* decode(body: Blob): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  for (let at = 0; at < body.size; at += piece) {
    yield decoder.decode(await body.slice(at, at + piece).arrayBuffer(), { stream: true })
  }
  yield decoder.decode()
}

// endsWithin reports whether a text ends in the middle of a surrogate pair.
function endsWithin(text: string): boolean {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last < 0xdc00
}

function breath(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}
