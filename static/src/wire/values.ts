// Readers of values from outside: each returns its type, whatever it is given.

import type { Fields } from "./shape"

// fields reads a value as the API document describes T; nothing is known of the values yet.
export function fields<T = Record<string, unknown>>(value: unknown): Fields<T> {
  return typeof value === "object" && value !== null ? value : {}
}

export function string(value: unknown): string {
  return typeof value === "string" ? value : ""
}

export function number(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0
}

export function parseList<T>(value: unknown, parse: (item: unknown) => T): T[] {
  return Array.isArray(value) ? value.map(parse) : []
}

export function optional<T>(value: unknown, parse: (item: unknown) => T): T | null {
  return value === undefined || value === null ? null : parse(value)
}

export function oneOf<T extends string>(value: unknown, allowed: readonly T[], fallback: T): T {
  return allowed.find((item) => item === value) ?? fallback
}
