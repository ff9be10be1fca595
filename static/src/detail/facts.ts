// An event in full: its sentence and a table of its facts.

import { eventSentence, factsOf } from "../log"
import { has, say, stamp, visible } from "../text"
import { element } from "../ui"
import type { Row } from "../wire"

export function factsTable(row: Row): HTMLElement {
  const rows = [
    line(say("detail.fact.event"), visible(row.event)),
    line(say("detail.fact.at"), stamp(row.atUS)),
    ...factsOf(row).map(([name, fact]) => line(nameOf(name), fact)),
  ]
  return element("div", { class: "facts" }, element("p", {}, eventSentence(row)), element("table", {}, element("tbody", {}, ...rows)))
}

function line(name: string, fact: string): HTMLElement {
  return element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, fact))
}

function nameOf(fact: string): string {
  const key = `detail.fact.${fact}`
  return has(key) ? say(key) : visible(fact)
}
