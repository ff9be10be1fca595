// The messages that a dialect sends, as templates: a person reads them before it is used.

import { say, visibleLines } from "../text"
import { element } from "../ui"
import type { Dialect, DialectSend } from "../wire"

// drawSends lists the messages of a dialect by occasion.
export function drawSends(dialect: Dialect): HTMLElement {
  const list = element("dl", { class: "dialect-sends", "data-testid": "dialect-sends" })
  for (const [when, sends] of Map.groupBy(dialect.sends, (send) => send.when)) {
    list.append(element("dt", {}, say(`dialect.when.${when}`)), ...sends.map((send) => element("dd", {}, template(send))))
  }
  if (dialect.sends.length === 0) list.append(element("dt", {}, say("dialect.sends_nothing")))
  return list
}

function template({ opcode, text }: DialectSend): HTMLElement {
  const code = element("pre", { class: "dialect-message", tabindex: 0 }, visibleLines(text))
  if (opcode === "binary") code.prepend(element("span", { class: "log-mark" }, say("log.mark.binary")), " ")
  return code
}

// aboutDialect names the source of a dialect and its day.
export function aboutDialect({ source, checked, until, builtin, owner }: Dialect): string {
  const words = []
  if (source) words.push(checked ? say("dialect.source_checked", { source, checked }) : say("dialect.source", { source }))
  if (until) words.push(say("dialect.until", { until }))
  if (!builtin && owner) words.push(say("dialect.by", { owner }))
  return words.join(" ")
}
