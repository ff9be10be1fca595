// The sentences of the page in its language, from the server's catalogue. Sentences of
// errors and diagnoses come with the server's answers. The page loads the script of its
// language before this one.

const sentences = globalThis.SENTENCES ?? {}

// locale is the language tag for Intl.
export const locale = sentences["language.tags"]?.split(" ")[0]

const plurals = new Intl.PluralRules(locale)

// say returns the sentence of key with every {name} replaced from values, or the key
// itself when the catalogue has no sentence.
export function say(key: string, values?: Readonly<Record<string, string | number>>): string {
  const sentence = sentences[key]
  if (sentence === undefined) return key
  if (!values) return sentence
  return sentence.replace(/\{([a-z_]+)\}/g, (whole, name: string) => {
    const value = values[name]
    return value === undefined ? whole : String(value)
  })
}

// plural returns the sentence of key for a count: key.one or key.other, by the rules of
// the language. {count} is the count unless values has another spelling of it.
export function plural(key: string, count: number, values: Readonly<Record<string, string | number>> = {}): string {
  const own = `${key}.${plurals.select(count)}`
  return say(has(own) ? own : `${key}.other`, { count, ...values })
}

export function has(key: string): boolean {
  return key in sentences
}
