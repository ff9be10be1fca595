// What a text becomes: a tree without a document, so that it can be tested anywhere.

// Source is a text that was taken from lines of a longer one.
export interface Source {
  text: string
  // starts are the places in text from which a run of the longer one begins, and where.
  starts: { at: number; from: number }[]
}

// TextNode is a piece of text; at is its place in the longer one, -1 for words of ours.
export interface TextNode {
  text: string
  at: number
}

export interface TagNode {
  tag: string
  attributes: Readonly<Record<string, string>>
  children: Node[]
}

export type Node = TextNode | TagNode

export function tag(name: string, attributes: Readonly<Record<string, string>>, children: Node[]): TagNode {
  return { tag: name, attributes, children }
}

// textOf returns a part of a source as a node.
export function textOf(source: Source, from: number, to: number): TextNode {
  return { text: source.text.slice(from, to), at: placeOf(source, from) }
}

// placeOf returns where a place of a source is in the longer text.
export function placeOf({ starts }: Source, at: number): number {
  let low = 0
  let high = starts.length
  while (low + 1 < high) {
    const middle = (low + high) >> 1
    if ((starts[middle]?.at ?? 0) <= at) low = middle
    else high = middle
  }
  const start = starts[low]
  return start ? start.from + at - start.at : 0
}
