// Which values of a JSON tree are in view: a pure list of tape places that grows and
// shrinks as branches open and close. Nesting costs no stack, however deep.

import type { Tape } from "../worker/json"

// Opening one by one copies the list each time; deeper than this, all are opened at once.
const deep = 500

// Branches is the open part of a tree.
export class Branches {
  // nodes and depths of the values in view, in order.
  private nodes = Uint32Array.of(0)
  private depths = Uint32Array.of(0)
  private openNodes = new Set<number>()

  constructor(private readonly tape: Tape) {}

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
    return this.openNodes.has(node)
  }

  // canOpen is true of an object or array that holds something.
  canOpen(node: number): boolean {
    return (this.tape.next[node] ?? 0) > node + 1
  }

  // place is where a node stands, or where its nearest parent in view does.
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
    this.openNodes.add(node)
    const children = childrenOf(this.tape, node)
    this.splice(place + 1, place + 1, children, this.depth(place) + 1)
  }

  close(place: number): void {
    const node = this.node(place)
    if (!this.openNodes.delete(node)) return
    const after = this.tape.next[node] ?? 0
    let end = place + 1
    while (end < this.nodes.length && (this.nodes[end] ?? 0) < after) {
      this.openNodes.delete(this.nodes[end] ?? 0)
      end++
    }
    this.splice(place + 1, end, [], 0)
  }

  // openAll shows every value.
  openAll(): void {
    const { length, parent } = this.tape
    this.nodes = Uint32Array.from({ length }, (_, node) => node)
    this.depths = new Uint32Array(length)
    for (let node = 1; node < length; node++) {
      this.depths[node] = (this.depths[parent[node] ?? 0] ?? 0) + 1
      this.openNodes.add(parent[node] ?? 0)
    }
  }

  closeAll(): void {
    this.nodes = Uint32Array.of(0)
    this.depths = Uint32Array.of(0)
    this.openNodes.clear()
  }

  // reveal opens all that a node is in, and returns its place.
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

  private splice(from: number, to: number, nodes: number[], depth: number): void {
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

// childrenOf is the values directly inside a node.
export function childrenOf(tape: Tape, node: number): number[] {
  const children: number[] = []
  const after = tape.next[node] ?? 0
  for (let child = node + 1; child < after; child = tape.next[child] ?? after) children.push(child)
  return children
}
