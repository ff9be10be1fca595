// The rows of a Protocol Buffers tree: field number, wire type and possible values.
// Without a schema the type is unknown, so every possible reading is shown.

import { count, plural, size } from "../text"
import { fixed32, fixed64, group, headAt, message, octets, text, varint, varintOf, type Tape } from "../worker"
import { digits } from "./hex"
import { maxShownBytes, type Cell, type Outline } from "./outline"
import { firstAfter } from "./tint"

const maxShownOctets = 64
const names = new Map([[varint, "varint"], [fixed64, "fixed64"], [fixed32, "fixed32"], [group, "group"], [octets, "bytes"], [text, "string"], [message, "message"]])

// FieldsOutline draws fields with the names that protoc uses.
export class FieldsOutline implements Outline {
  private view: DataView

  constructor(readonly bytes: Uint8Array, readonly tape: Tape) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  name(node: number): Cell[] {
    if (node === 0) return []
    const kind = names.get(this.tape.kind[node] ?? 0) ?? ""
    return [{ text: String(this.tape.key[node]), className: "key" }, mark(": "), { text: `${kind} `, className: "index" }]
  }

  value(node: number, children: number): Cell[] {
    const kind = this.tape.kind[node] ?? 0
    if (node === 0 || kind === message || kind === group) return [mark(children === 0 ? "{}" : `{${plural("detail.fields", children, { count: count(children) })}}`)]
    const head = headAt(this.bytes, this.tape.start[node] ?? 0, this.tape.end[node] ?? 0)
    if (!head) return []
    switch (kind) {
      case varint: return numbers(varints(varintOf(this.bytes, head.from, head.to)))
      case fixed32: return numbers([String(this.view.getUint32(head.from, true)), ...signed(this.view.getInt32(head.from, true), "int32"), `float ${this.view.getFloat32(head.from, true)}`])
      case fixed64: return numbers([String(this.view.getBigUint64(head.from, true)), ...signed(this.view.getBigInt64(head.from, true), "int64"), `double ${this.view.getFloat64(head.from, true)}`])
      case text: return this.text(head.from, head.to)
      default: return this.octets(head.from, head.to)
    }
  }

  at(offset: number): number {
    return Math.max(0, firstAfter(this.tape.start, offset + 1, this.tape.length) - 1)
  }

  private text(from: number, end: number): Cell[] {
    const to = Math.min(end, from + maxShownBytes)
    return [mark('"'), { from, to, className: "string" }, mark(to < end ? "…" : '"')]
  }

  private octets(from: number, end: number): Cell[] {
    const shown = this.bytes.subarray(from, Math.min(end, from + maxShownOctets))
    const hex = Array.from(shown, (byte) => digits[byte]).join(" ")
    return [{ text: size(end - from), className: "index" }, mark(" "), { text: hex, className: "number" }, ...(end - from > maxShownOctets ? [mark(" …")] : [])]
  }
}

// varints returns the readings of a varint: unsigned, int64 when negative, zigzag
// (sint64) when different.
function varints(value: bigint): string[] {
  const zigzag = (value >> 1n) ^ -(value & 1n)
  return [String(value), ...signed(BigInt.asIntN(64, value), "int64"), ...(value > 0n ? [`zigzag ${zigzag}`] : [])]
}

function signed(value: number | bigint, type: string): string[] {
  return value < 0 ? [`${type} ${value}`] : []
}

function numbers([first = "", ...others]: string[]): Cell[] {
  return [{ text: first, className: "number" }, ...others.map((other) => ({ text: ` · ${other}`, className: "index" }))]
}

function mark(text: string): Cell {
  return { text, className: "mark" }
}
