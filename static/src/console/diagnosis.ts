// The diagnosis of a failed connect or a broken connection: cause, evidence, fix, and a
// button that applies the fix.

import { has, say, visible, visibleLines } from "../text"
import { element, icon, iconButton } from "../ui"
import type { Diagnosis, WireError } from "../wire"
import { headers, timingBlock } from "./overview"

export type Act = (action: string, value: string) => void

// drawFailure fills the panel in the log's place; aside folds it.
export function drawFailure(host: HTMLElement, error: WireError, act: Act, aside: () => void, signal: AbortSignal): void {
  const found = error.diagnosis
  const inner = element("div", { class: "diagnosis-inner" }, lead(found, error))
  if (found) inner.append(...explanation(found, act, signal))
  if (error.handshake) inner.append(element("div", { class: "diagnosis-timing" }, timingBlock(error.handshake)))
  if (error.body) inner.append(fold("page.diagnosis.body", "body", element("pre", { class: "raw mono", tabindex: 0 }, visibleLines(error.body))))
  if (error.handshake) {
    inner.append(
      ...headers("page.overview.request", error.handshake.requestHeaders),
      ...headers("page.overview.response", error.handshake.responseHeaders),
    )
  }
  host.replaceChildren(foldButton(aside, "diagnosis-fold", signal), inner)
}

// drawFolded fills the line of a folded diagnosis.
export function drawFolded(line: HTMLElement, cause: string): void {
  line.replaceChildren(icon("triangle-alert"), element("span", {}, visible(cause)), icon("chevron-down"))
}

// drawNotice fills the strip above the log; its × has a name.
export function drawNotice(host: HTMLElement, found: Diagnosis, act: Act, aside: () => void, signal: AbortSignal, name = say("page.diagnosis.fold")): void {
  const button = actionButton(found, act, signal)
  host.replaceChildren(
    icon("triangle-alert"),
    element("div", { class: "notice-text" },
      ...causeLines(found).map((line, index) => element("p", { class: index === 0 ? "cause" : "meaning" }, visible(line))),
      element("p", { class: "fix" }, found.fix),
      ...(found.evidence.length > 0 ? [fold("page.diagnosis.evidence", "evidence", evidence(found))] : []),
    ),
    ...(button ? [button] : []),
    foldButton(aside, "notice-fold", signal, name),
  )
}

// drawFoldedNotice fills the strip with the cause alone; a click unfolds it.
export function drawFoldedNotice(host: HTMLElement, found: Diagnosis, unfold: () => void, signal: AbortSignal): void {
  const line = element("button", { type: "button", class: "folded", title: say("page.diagnosis.unfold"), "aria-expanded": "false", "data-testid": "notice-folded" })
  drawFolded(line, found.cause)
  line.addEventListener("click", unfold, { signal })
  host.replaceChildren(line)
}

function foldButton(run: () => void, name: string, signal: AbortSignal, label = say("page.diagnosis.fold")): HTMLButtonElement {
  const button = iconButton("x", label, { class: `tool ${name}`, "data-testid": name })
  button.addEventListener("click", run, { signal })
  return button
}

function lead(found: Diagnosis | null, error: WireError): HTMLElement {
  const label = error.status ? say("page.diagnosis.refused", { status: error.status }) : say("page.diagnosis.failed")
  const [headline, ...meaning] = found?.cause ? causeLines(found) : [error.message]
  return element("header", { class: "diagnosis-lead" },
    icon("unplug"),
    element("div", {},
      element("p", { class: "diagnosis-label" }, label),
      element("div", { "data-testid": "cause" },
        element("h2", { class: "cause" }, visible(headline ?? "")),
        ...meaning.map((line) => element("p", { class: "meaning" }, visible(line))),
      ),
    ),
  )
}

// causeLines splits a cause into the service's own words and their meaning.
function causeLines(found: Diagnosis): string[] {
  if (!found.said || !found.cause.startsWith(found.said)) return [found.cause]
  return [found.said, found.cause.slice(found.said.length).trim()].filter((line) => line !== "")
}

function explanation(found: Diagnosis, act: Act, signal: AbortSignal): HTMLElement[] {
  const out: HTMLElement[] = []
  const button = actionButton(found, act, signal)
  if (found.fix || button) {
    out.push(element("div", { class: "diagnosis-fix" },
      element("p", { class: "fix", "data-testid": "fix" }, found.fix),
      ...(button ? [button] : []),
    ))
  }
  if (found.evidence.length > 0) {
    out.push(element("section", { class: "block" }, element("h3", {}, say("page.diagnosis.evidence")), evidence(found)))
  }
  return out
}

function evidence(found: Diagnosis): HTMLElement {
  return element("ul", { class: "evidence", "data-testid": "evidence" }, ...found.evidence.map((line) => element("li", {}, visible(line))))
}

function actionButton(found: Diagnosis, act: Act, signal: AbortSignal): HTMLButtonElement | null {
  const key = `page.action.${found.action}`
  if (!found.action || !has(key)) return null
  const button = element("button", { type: "button", class: "button primary", "data-testid": "action", "data-action": found.action }, say(key))
  button.addEventListener("click", () => act(found.action, found.actionValue), { signal })
  return button
}

function fold(key: string, name: string, content: HTMLElement): HTMLElement {
  return element("details", { class: "fold", "data-key": name }, element("summary", {}, say(key)), content)
}
