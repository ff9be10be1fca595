// The one Trusted Types policy of the page, named "preview". Two places need it:
// the sealed frame that shows a payload's HTML, and the start of the worker.

type Policy = {
  createHTML(html: string): string
  createScriptURL(url: string): string
}

type Factory = { createPolicy(name: string, rules: Policy): Policy }

const rules: Policy = {
  createHTML: (html) => html,
  createScriptURL(url) {
    if (url !== WORKER_URL && url !== MEASURE_URL) throw new TypeError("only the page's own workers may start")
    return url
  },
}
const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes
const policy = factory ? factory.createPolicy("preview", rules) : rules

// previewHTML marks html as fit for a frame that is sandboxed without any
// permission; it goes nowhere else.
export function previewHTML(html: string): string {
  return policy.createHTML(html)
}

// startWorker starts one of the page's own workers, that for payloads when none is named; no
// other script can be started.
export function startWorker(url: string = WORKER_URL): Worker {
  return new Worker(policy.createScriptURL(url))
}
