// The visible values of a tree: a list of tape indexes that grows and shrinks as
// branches open and close. Columns of numbers keep a million values cheap, and nesting
// uses no stack.

import type { Tape } from "../worker"

// Opening a branch copies the list; a path deeper than this opens all branches at once.
const deep = 500

// Branches is the open part of a tree.
export class Branches {
  // nodes and depths of the visible values, in order
  private nodes = Uint32Array.of(0)
  private depths = Uint32Array.of(0)
  private openNodes: Uint8Array

  constructor(private readonly tape: Tape) {
    this.openNodes = new Uint8Array(tape.length)
  }

  get length(): number {
    return this.nodes.length
  }

  node(place: number): number {
    return this.nodes[place] ?? 0
  }

  depth(place: number): number {
    return this.depths[place] ?? 0
  }

  isOpen(node: number): boolean {
    return this.openNodes[node] === 1
  }

  // canOpen reports whether a value contains others.
  canOpen(node: number): boolean {
    return (this.tape.next[node] ?? 0) > node + 1
  }

  // place returns the index of a node, or of its nearest visible ancestor.
  place(node: number): number {
    let low = 0
    let high = this.nodes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.nodes[middle] ?? 0) <= node) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }

  open(place: number): void {
    const node = this.node(place)
    if (this.isOpen(node) || !this.canOpen(node)) return
    this.openNodes[node] = 1
    const children = childrenOf(this.tape, node)
    this.splice(place + 1, place + 1, children, this.depth(place) + 1)
  }

  close(place: number): void {
    const node = this.node(place)
    if (!this.isOpen(node)) return
    const after = this.tape.next[node] ?? 0
    this.openNodes.fill(0, node, after)
    let end = place + 1
    while (end < this.nodes.length && (this.nodes[end] ?? 0) < after) end++
    this.splice(place + 1, end, new Uint32Array(0), 0)
  }

  // openAll shows every value.
  openAll(): void {
    const { length, parent } = this.tape
    const nodes = new Uint32Array(length)
    const depths = new Uint32Array(length)
    for (let node = 1; node < length; node++) {
      const up = parent[node] ?? 0
      nodes[node] = node
      depths[node] = (depths[up] ?? 0) + 1
      this.openNodes[up] = 1
    }
    this.nodes = nodes
    this.depths = depths
  }

  closeAll(): void {
    this.nodes = Uint32Array.of(0)
    this.depths = Uint32Array.of(0)
    this.openNodes.fill(0)
  }

  // reveal opens the ancestors of a node and returns its index.
  reveal(node: number): number {
    const path: number[] = []
    for (let up = node; up !== 0; ) {
      up = this.tape.parent[up] ?? 0
      path.push(up)
    }
    if (path.length > deep) this.openAll()
    for (const up of path.reverse()) if (!this.isOpen(up)) this.open(this.place(up))
    return this.place(node)
  }

  private splice(from: number, to: number, nodes: Uint32Array, depth: number): void {
    const length = this.nodes.length - (to - from) + nodes.length
    const next = { nodes: new Uint32Array(length), depths: new Uint32Array(length) }
    next.nodes.set(this.nodes.subarray(0, from))
    next.depths.set(this.depths.subarray(0, from))
    next.nodes.set(nodes, from)
    next.depths.fill(depth, from, from + nodes.length)
    next.nodes.set(this.nodes.subarray(to), from + nodes.length)
    next.depths.set(this.depths.subarray(to), from + nodes.length)
    this.nodes = next.nodes
    this.depths = next.depths
  }
}

// childrenOf returns the values directly inside a node.
export function childrenOf({ next }: Tape, node: number): Uint32Array {
  const after = next[node] ?? 0
  let count = 0
  for (let child = node + 1; child < after; child = next[child] ?? after) count++
  const children = new Uint32Array(count)
  for (let child = node + 1, i = 0; i < count; child = next[child] ?? after) children[i++] = child
  return children
}
