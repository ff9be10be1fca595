// The brushed part of a session: where it may lie, and how it moves. Times are µs since 1970.

export interface Range {
  fromUS: number
  toUS: number
}

// least is the shortest part that can be brushed.
export const least = 1000 // µs

export function length({ fromUS, toUS }: Range): number {
  return toUS - fromUS
}

// within moves a range into another, and shortens it where it is longer.
export function within(range: Range, all: Range): Range {
  const long = Math.min(Math.max(length(range), least), Math.max(length(all), least))
  const fromUS = Math.max(all.fromUS, Math.min(range.fromUS, all.toUS - long))
  return { fromUS, toUS: fromUS + long }
}

// between is the range from one time to another, in whichever order.
export function between(a: number, b: number, all: Range): Range {
  const low = clamp(Math.min(a, b), all)
  const high = clamp(Math.max(a, b), all)
  return within({ fromUS: low, toUS: Math.max(high, low + least) }, all)
}

export function clamp(us: number, all: Range): number {
  return Math.max(all.fromUS, Math.min(us, all.toUS))
}

// moved shifts a range by a time.
export function moved(range: Range, by: number, all: Range): Range {
  const shift = Math.max(all.fromUS - range.fromUS, Math.min(by, all.toUS - range.toUS))
  return within({ fromUS: range.fromUS + shift, toUS: range.toUS + shift }, all)
}

// zoomed scales a range around its middle: below 1 it becomes shorter.
export function zoomed(range: Range, factor: number, all: Range): Range {
  const middle = (range.fromUS + range.toUS) / 2
  const half = (length(range) * factor) / 2
  return within({ fromUS: middle - half, toUS: middle + half }, all)
}

// withEdge moves one end of a range; it stops before the other.
export function withEdge(range: Range, edge: "from" | "to", us: number, all: Range): Range {
  const at = clamp(us, all)
  return edge === "from" ? { ...range, fromUS: Math.min(at, range.toUS - least) } : { ...range, toUS: Math.max(at, range.fromUS + least) }
}

export function isWhole(range: Range, all: Range): boolean {
  return range.fromUS <= all.fromUS && range.toUS >= all.toUS
}

// followed is a range after the session has grown: its right edge goes along while it lies at
// the end, its left edge while it lies at the start.
export function followed(range: Range, before: Range, after: Range): Range {
  const toUS = range.toUS >= before.toUS ? after.toUS : range.toUS
  const fromUS = range.fromUS <= before.fromUS ? after.fromUS : range.fromUS
  return within({ fromUS, toUS }, after)
}

// around is a range with some room at both sides.
export function around(range: Range, all: Range): Range {
  const room = Math.max(length(range) * 0.05, least)
  return within({ fromUS: range.fromUS - room, toUS: range.toUS + room }, all)
}
