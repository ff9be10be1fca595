// The sentences of the page, from the same files the server reads; those of errors
// and diagnoses come from the server with each answer.
import auth from "../../views/text/en/auth.json"
import event from "../../views/text/en/event.json"
import log from "../../views/text/en/log.json"
import page from "../../views/text/en/page.json"

const sentences: Readonly<Record<string, string>> = {
  ...auth,
  ...event,
  ...log,
  ...page,
}

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
