// The sentences of the page in its language, from the same files the server reads;
// those of errors and diagnoses come from the server with each answer. The page loads
// the script of its language before this one.

const sentences = globalThis.SENTENCES ?? {}

// locale is the language by its tag, for what the browser itself puts into words.
export const locale = sentences["language.tags"]?.split(" ")[0]

// say returns the sentence of key with every {name} filled from values. A key
// without a sentence is returned as it is, so that a gap is seen.
export function say(key: string, values?: Readonly<Record<string, string | number>>): string {
  const sentence = sentences[key]
  if (sentence === undefined) return key
  if (!values) return sentence
  return sentence.replace(/\{([a-z_]+)\}/g, (whole, name: string) => {
    const value = values[name]
    return value === undefined ? whole : String(value)
  })
}

export function has(key: string): boolean {
  return key in sentences
}
