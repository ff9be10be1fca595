// How the page's types follow from those of the API document.

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

type Upper<S extends string> = S extends "id" | "us" | "utf8" | "pem" ? Uppercase<S> : Capitalize<S>
