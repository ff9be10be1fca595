// Long texts on their way to the wire and back, a piece at a time, so that no step of
// it holds the page up: a Blob of 12 MB of text at once takes 60 ms and more.

const piece = 1 << 20 // bytes, or UTF-16 units

// encode is a text as it goes out; slice gives a part of it.
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

// decode gives the text of bytes piece by piece, as it stands, byte order mark included.
export async function* decode(body: Blob): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  for (let at = 0; at < body.size; at += piece) {
    yield decoder.decode(await body.slice(at, at + piece).arrayBuffer(), { stream: true })
  }
  yield decoder.decode()
}

// endsWithin says that a text ends in the middle of a pair of surrogates.
function endsWithin(text: string): boolean {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last < 0xdc00
}

function breath(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}
