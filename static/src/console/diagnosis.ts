// The diagnosis of a failed connect, and of the end or an error of a session: who said what,
// the cause, a button that applies the fix, and the evidence.

import { count, has, hms, lasted, locale, say, size, visible, visibleLines } from "../text"
import { element, icon, iconButton, setIcon } from "../ui"
import type { Diagnosis, DiagnosisFact, Handshake, Pair, Session, WireError } from "../wire"
import { drawPhases } from "./phases"

export type Act = (action: string, value: string) => void

export interface DiagnosisDeps {
  act: Act
  // connect connects as it is.
  connect(): void
  // message opens a message of the log.
  message(seq: number): void
  // pasteName is the label of the secret that can be pasted in place, or "" for none; paste
  // connects with it.
  pasteName(): string
  paste(secret: string): void
  signal: AbortSignal
}

// headlineOf returns the service's own words in quotes, or else the cause.
export function headlineOf(found: Diagnosis | null, otherwise = ""): string {
  if (!found) return visible(otherwise)
  const { words, code, facts } = found
  if (words === "") return visible(found.cause)
  const isShownBelow = facts.some(({ key }) => key === "gateway_code")
  return say(code && code !== words && !isShownBelow ? "state.quote.code" : "state.quote", { code: visible(code), words: visible(words) })
}

// causeOf returns the cause without the service's own words; "" where it is the headline.
export function causeOf({ words, said, cause }: Diagnosis): string {
  if (words === "") return ""
  return visible(cause.startsWith(said) ? cause.slice(said.length).trim() : cause)
}

// aboutOf says what the words of a diagnosis mean, and what to do.
export function aboutOf(found: Diagnosis): string {
  return [causeOf(found), visible(found.fix)].filter((text) => text !== "").join(" ")
}

// drawFailure fills the panel that covers the views; aside folds it.
export function drawFailure(host: HTMLElement, error: WireError, deps: DiagnosisDeps, aside: () => void): void {
  const { diagnosis: found, handshake } = error
  const inner = element("div", { class: "diag" },
    head("unplug", kickOfFailure(error), found, error.message, button("x", say("state.dismiss"), "diagnosis-fold", aside, deps)),
    ...fixOf(found, deps, true),
  )
  if (found && found.facts.length > 0) inner.append(element("section", {}, label("page.diagnosis.evidence"), table(found.facts.filter(({ key, value }) => key !== "gateway_message" || value !== found.words), handshake, deps)))
  if (handshake) {
    const bars = drawPhases(handshake, true)
    if (bars) inner.append(element("section", {}, label("page.overview.handshake"), bars))
    const folds = []
    if (handshake.responseHeaders.length > 0 || error.body) {
      folds.push(fold("answer", say("state.answer", { headers: handshake.responseHeaders.length, bytes: size(new TextEncoder().encode(error.body).length) }),
        pairs(handshake.responseHeaders), ...(error.body ? [element("pre", { class: "raw mono", tabindex: 0, "data-testid": "answer-body" }, visibleLines(error.body))] : [])))
    }
    if (handshake.requestHeaders.length > 0) folds.push(fold("request", say("state.answer.request", { headers: handshake.requestHeaders.length }), pairs(handshake.requestHeaders)))
    if (folds.length > 0) inner.append(element("div", { class: "diag-folds" }, ...folds))
  }
  host.replaceChildren(inner)
}

// drawEnded fills the strip above the views with the end of a session.
export function drawEnded(host: HTMLElement, session: Session, found: Diagnosis, deps: DiagnosisDeps, aside: () => void): void {
  host.className = "notice is-end"
  host.replaceChildren(
    head("triangle-alert", kickOfEnd(session, found), found, "", button("x", say("state.fold"), "notice-fold", aside, deps)),
    ...fixOf(found, deps, false),
    element("div", { class: "diag-chips", "data-testid": "evidence" }, element("span", { class: "label" }, say("page.diagnosis.evidence")), ...chips(found, deps)),
  )
}

// drawNotice fills the strip with an error that a service reported and that did not end the
// session, or one of the session before.
export function drawNotice(host: HTMLElement, found: Diagnosis, title: string, link: HTMLElement | null, deps: DiagnosisDeps, aside: () => void): void {
  host.className = "notice is-error"
  const action = found.action === "reconnect" ? null : actionButton(found, deps, "button low") // it is connected
  host.replaceChildren(
    element("div", { class: "notice-card" },
      icon("triangle-alert"),
      element("h2", { class: "cause", "data-testid": "cause" }, title),
      element("div", { class: "acts" }, ...(action ? [action] : []), button("x", say("page.diagnosis.dismiss"), "notice-fold", aside, deps)),
      element("p", {}, aboutOf(found), ...(link ? [" ", link] : [])),
    ),
  )
}

// drawFolded fills the line of a folded diagnosis.
export function drawFolded(line: HTMLElement, words: string): void {
  line.replaceChildren(icon("triangle-alert"), element("span", {}, words), icon("chevron-down"))
}

// drawFoldedNotice fills the strip with its headline alone; a click unfolds it.
export function drawFoldedNotice(host: HTMLElement, found: Diagnosis, unfold: () => void, signal: AbortSignal): void {
  const line = element("button", { type: "button", class: "folded", title: say("state.unfold"), "aria-expanded": "false", "data-testid": "notice-folded" })
  drawFolded(line, headlineOf(found))
  line.addEventListener("click", unfold, { signal })
  host.className = "notice"
  host.replaceChildren(line)
}

// messageLink opens the message that has the words of a diagnosis.
export function messageLink(found: Diagnosis, deps: DiagnosisDeps): HTMLElement | null {
  if (found.messageSeq === 0) return null
  const link = element("button", { type: "button", class: "link", "data-testid": "error-message" }, say("state.message", { seq: count(found.messageSeq) }))
  link.addEventListener("click", () => deps.message(found.messageSeq), { signal: deps.signal })
  return link
}

function kickOfFailure({ status, diagnosis }: WireError): string {
  const by = diagnosis?.by ?? ""
  if (by === "proxy") return say("state.kick.proxy")
  if (!status) return say("state.kick.failed")
  return say(`state.kick.answered.${by === "gateway" || by === "container" ? by : "service"}`, { status })
}

function kickOfEnd({ endedAtUS, closeCode }: Session, { by, messageSeq }: Diagnosis): string {
  const key = by === "service" || by === "duplex" || by === "network" ? `state.kick.ended.${by}` : "state.kick.ended"
  return say(by === "service" && messageSeq > 0 ? `${key}.message` : key, { time: hms(endedAtUS), code: closeCode })
}

function head(picture: string, kick: string, found: Diagnosis | null, message: string, close: HTMLElement): HTMLElement {
  const cause = found ? causeOf(found) : ""
  return element("header", { class: "diag-head" },
    element("span", { class: "diag-badge" }, icon(picture)),
    element("p", { class: "kick" }, kick),
    close,
    element("div", { class: "diag-words", "data-testid": "cause" },
      element("h2", { class: "cause" }, headlineOf(found, message)),
      ...(cause ? [element("p", { class: "meaning" }, cause)] : []),
    ),
  )
}

// fixOf returns the box with the fix and its buttons. One of them applies it and connects.
function fixOf(found: Diagnosis | null, deps: DiagnosisDeps, isFailure: boolean): HTMLElement[] {
  if (!found) return []
  const { signal } = deps
  const action = actionButton(found, deps, "button primary")
  const again = element("button", { type: "button", class: "button", "data-testid": "connect-again" }, say(isFailure || !action ? "state.reconnect" : "state.as_it_is"))
  again.addEventListener("click", () => deps.connect(), { signal })
  const hasOther = found.action !== "reconnect"
  const name = found.action === "edit_auth" ? deps.pasteName() : ""
  if (!action && !found.fix) return []
  if (name !== "") {
    action?.classList.remove("primary")
    return [element("div", { class: "diag-fix", "data-testid": "fix" }, sentences(found.fix), element("div", { class: "acts" }, ...(action ? [action] : [])), pasteForm(name, deps))]
  }
  if (!action) again.classList.add("primary")
  return [element("div", { class: "diag-fix", "data-testid": "fix" }, sentences(found.fix), element("div", { class: "acts" }, ...(hasOther ? [again] : []), ...(action ? [action] : [])))]
}

// pasteForm takes a new secret in place: it is used like one typed on the Auth tab.
function pasteForm(name: string, deps: DiagnosisDeps): HTMLElement {
  const input = element("input", { class: "input", type: "password", autocomplete: "off", spellcheck: "false", "aria-label": name, placeholder: say("state.paste.placeholder", { name: inSentence(name) }), "data-testid": "paste-secret" })
  const send = element("button", { type: "submit", class: "button primary", disabled: true, "data-testid": "paste-connect" }, say("state.paste.connect"))
  const form = element("form", { class: "diag-paste" }, input, send, element("p", { class: "quiet" }, say("state.paste.hint")))
  input.addEventListener("input", () => { send.disabled = input.value.trim() === "" }, { signal: deps.signal })
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    const secret = input.value.trim()
    input.value = ""
    if (secret !== "") deps.paste(secret)
  }, { signal: deps.signal })
  return form
}

// inSentence writes a label inside a sentence: Token is token in English, API key stays.
function inSentence(label: string): string {
  return locale === "en" && /^[A-Z][a-z]/.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label
}

// sentences shows the first sentence as the title of the others.
function sentences(text: string): HTMLElement {
  const end = /[.。!?](?=\s|[^\s\x00-\x7f])/.exec(text)
  const at = end ? end.index + 1 : text.length
  const rest = text.slice(at).trim()
  return element("div", {}, element("b", {}, visible(text.slice(0, at).replace(/[.。]$/, ""))), ...(rest ? [element("span", {}, visible(rest))] : []))
}

const copied = new Set(["gateway_code", "gateway_message", "request_id", "close_reason", "last_error", "canonical_request", "location", "connected_to", "resolved", "detail"])

// table shows facts by name and value. The bars below show the phases.
function table(facts: readonly DiagnosisFact[], handshake: Handshake | null, deps: DiagnosisDeps): HTMLElement {
  const rows = facts.filter(({ key }) => key !== "phases" || !handshake).map(({ key, name, value }) => {
    if (name === "") return element("div", { class: "whole" }, element("dd", {}, visible(value)))
    const after = key === "status" && handshake?.phasesUS.total ? [element("span", { class: "quiet" }, say("state.fact.after", { time: lasted(handshake.phasesUS.total) }))] : []
    return element("div", {}, element("dt", {}, name), element("dd", {}, element("code", {}, visible(value)), ...after, ...(copied.has(key) ? [copyButton(name, value, deps)] : [])))
  })
  return element("dl", { class: "evid", "data-testid": "evidence" }, ...rows)
}

function copyButton(name: string, value: string, deps: DiagnosisDeps): HTMLElement {
  const copy = button("copy", `${say("state.fact.copy")}: ${name}`, "copy-fact", () => {
    void navigator.clipboard?.writeText(value).then(() => {
      const svg = copy.querySelector("svg")
      if (svg) setIcon(svg, "check")
      copy.title = say("state.fact.copied")
    })
  }, deps)
  return copy
}

// told holds the facts that the end of a session tells in its sentences already.
const told = new Set(["last_error", "close_code", "close_reason", "connected_to", "phases"])

function chips({ facts, messageSeq }: Diagnosis, deps: DiagnosisDeps): HTMLElement[] {
  const message = []
  if (messageSeq > 0) {
    const link = element("button", { type: "button", class: "chip flat", "data-testid": "error-message" }, say("state.message.error"), " ", element("b", {}, `#${count(messageSeq)}`))
    link.addEventListener("click", () => deps.message(messageSeq), { signal: deps.signal })
    message.push(link)
  }
  return [
    ...message,
    ...facts.filter(({ key }) => !told.has(key)).map(({ name, value }) =>
      element("span", { class: "chip flat", title: visible(value) }, ...(name ? [`${name} `, element("b", {}, visible(value))] : [visible(value)]))),
  ]
}

function pairs(list: readonly Pair[]): HTMLElement {
  return element("dl", { class: "facts-list mono" }, ...list.map(({ name, value }) => element("div", {}, element("dt", {}, visible(name)), element("dd", {}, visible(value)))))
}

function actionButton(found: Diagnosis, deps: DiagnosisDeps, look: string): HTMLButtonElement | null {
  const key = `page.action.${found.action}`
  if (!found.action || !has(key)) return null
  const made = element("button", { type: "button", class: look, "data-testid": "action", "data-action": found.action }, say(key))
  made.addEventListener("click", () => deps.act(found.action, found.actionValue), { signal: deps.signal })
  return made
}

function button(picture: string, words: string, name: string, run: () => void, { signal }: { signal: AbortSignal }): HTMLButtonElement {
  const made = iconButton(picture, words, { class: `tool low ${name}`, "data-testid": name })
  made.addEventListener("click", run, { signal })
  return made
}

function label(key: string): HTMLElement {
  return element("h3", { class: "label" }, say(key))
}

function fold(name: string, summary: string, ...content: HTMLElement[]): HTMLElement {
  return element("details", { class: "fold", "data-key": name }, element("summary", {}, summary), ...content)
}
