// Random values for tests of properties. The same seed gives the same values.

// Random draws numbers from 0 up to 1.
export type Random = () => number

// seeded returns a generator (mulberry32).
export function seeded(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

// pick returns an item of a list that is not empty.
export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T
}

// wordOf returns a text of up to most characters of an alphabet.
export function wordOf(random: Random, alphabet: string, most: number): string {
  const chars = [...alphabet]
  return Array.from({ length: Math.floor(random() * (most + 1)) }, () => pick(random, chars)).join("")
}
