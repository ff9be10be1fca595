// The page's types and parsers of plain fields, derived from those of the API document.

// Fields is an object of the API before its values were looked at.
export type Fields<T> = { [K in keyof T]?: unknown }

// Scalars is the texts, numbers and flags of an object of the API, by the page's names
// (at_us is atUS) and all present: a parser gives those that were left out "", 0 or false.
export type Scalars<T> = {
  [K in keyof T as NonNullable<T[K]> extends string | number | boolean ? Camel<K & string> : never]-?: Widened<NonNullable<T[K]>>
}

type Widened<T> = T extends string ? string : T extends number ? number : boolean

type Camel<S extends string> = S extends `${infer First}_${infer Rest}` ? `${First}${Tail<Rest>}` : S

type Tail<S extends string> = S extends `${infer Word}_${infer Rest}` ? `${Upper<Word>}${Tail<Rest>}` : Upper<S>

type Upper<S extends string> = S extends "id" | "us" | "ms" | "utf8" | "pem" ? Uppercase<S> : Capitalize<S>

// Missing holds, for each text, number and flag of an object of the API, the value that
// replaces a missing one.
export type Missing<T> = { [K in keyof T as NonNullable<T[K]> extends string | number | boolean ? K : never]-?: Widened<NonNullable<T[K]>> }

// scalarsOf returns the parser of an object's texts, numbers and flags. A field that was left
// out or has another type gets its value of missing.
export function scalarsOf<T>(missing: Missing<T>): (value: unknown) => Scalars<T> {
  const table = Object.entries(missing).map(([name, none]) => ({ name, key: camel(name), none, type: typeof none }))
  return (value) => {
    const given = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>
    const out: Record<string, unknown> = {}
    for (const { name, key, none, type } of table) {
      const field = given[name]
      out[key] = typeof field === type && (type !== "number" || Number.isFinite(field)) ? field : none
    }
    return out as Scalars<T>
  }
}

const acronyms = new Set(["id", "us", "ms", "utf8", "pem"])

// camel returns the page's name of a field, as the type Camel does: atUS for at_us.
function camel(name: string): string {
  const [first = "", ...rest] = name.split("_")
  return first + rest.map((word) => (acronyms.has(word) ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1))).join("")
}
