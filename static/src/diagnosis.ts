// Why a connect failed or a connection broke: cause, evidence, fix, one press.

import { element } from "./element"
import { icon } from "./icons"
import { headers, timingBlock } from "./overview"
import { has, say } from "./text"
import { visible, visibleLines } from "./visible"
import type { Diagnosis, WireError } from "./wire"

export type Act = (action: string, value: string) => void

// drawFailure fills the panel that takes the log's place.
export function drawFailure(host: HTMLElement, error: WireError, act: Act): void {
  const found = error.diagnosis
  const cause = visible(found?.cause || error.message)
  const inner = element("div", { class: "diagnosis-inner" }, lead(cause, error.status))
  if (found) inner.append(...explanation(found, act))
  if (error.handshake) inner.append(element("div", { class: "diagnosis-timing" }, timingBlock(error.handshake)))
  if (error.body) inner.append(fold("page.diagnosis.body", "body", element("pre", { class: "raw mono", tabindex: 0 }, visibleLines(error.body))))
  if (error.handshake) {
    inner.append(
      ...headers("page.overview.request", error.handshake.requestHeaders),
      ...headers("page.overview.response", error.handshake.responseHeaders),
    )
  }
  host.replaceChildren(inner)
}

// drawNotice fills the smaller strip above the log of a session that has ended.
export function drawNotice(host: HTMLElement, found: Diagnosis, act: Act): void {
  const button = actionButton(found, act)
  host.replaceChildren(
    icon("triangle-alert"),
    element("div", { class: "notice-text" },
      element("p", { class: "cause" }, visible(found.cause)),
      element("p", { class: "fix" }, found.fix),
      ...(found.evidence.length > 0 ? [fold("page.diagnosis.evidence", "evidence", evidence(found))] : []),
    ),
    ...(button ? [button] : []),
  )
}

function lead(cause: string, status: number): HTMLElement {
  const label = status ? say("page.diagnosis.refused", { status }) : say("page.diagnosis.failed")
  return element("header", { class: "diagnosis-lead" },
    icon("unplug"),
    element("div", {}, element("p", { class: "diagnosis-label" }, label), element("h2", { class: "cause", "data-testid": "cause" }, cause)),
  )
}

function explanation(found: Diagnosis, act: Act): HTMLElement[] {
  const out: HTMLElement[] = []
  const button = actionButton(found, act)
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

function actionButton(found: Diagnosis, act: Act): HTMLButtonElement | null {
  const key = `page.action.${found.action}`
  if (!found.action || !has(key)) return null
  const button = element("button", { type: "button", class: "button primary", "data-testid": "action", "data-action": found.action }, say(key))
  button.addEventListener("click", () => act(found.action, found.actionValue))
  return button
}

function fold(key: string, name: string, content: HTMLElement): HTMLElement {
  return element("details", { class: "fold", "data-key": name }, element("summary", {}, say(key)), content)
}
