// The lines below a row that show where a search has found its text.

import { arrowOf, partsOf } from "../log"
import { count, plural, position, say, visible } from "../text"
import { element } from "../ui"
import type { FoundTurn, Row } from "../wire"

const leading = 64 // characters before a match

// turnLine shows a text of a turn, and how many more were found in its session.
export function turnLine(turn: FoundTurn, session: string, more: number): HTMLElement {
  const { before, match, after } = turn.snippet
  const line = element("div", { class: "h-hit" },
    "“", element("span", { lang: "" }, lastWords(oneLine(before), turn.snippet.offset > before.length), element("mark", {}, oneLine(match)), firstWords(oneLine(after))), "” ",
    element("a", { href: hrefOf(turn, session), "data-testid": "found-hit", "data-turn": turn.n }, placeOf(turn)))
  if (more > 0) line.append(plural("history.more", more, { count: count(more) }))
  return line
}

function placeOf(turn: FoundTurn): string {
  if (turn.error && turn.errorSeq > 0) return say("history.at_error", { seq: count(turn.errorSeq) })
  if (turn.sentence > 0 && turn.atUS > 0) return say("history.at_sentence_time", { n: count(turn.sentence), time: position(turn.atUS).slice(0, -2) })
  if (turn.sentence > 0) return say("history.at_sentence", { n: count(turn.sentence) })
  return say("history.at_turn", { n: count(turn.n) })
}

function hrefOf(turn: FoundTurn, session: string): string {
  const page = `/sessions/${encodeURIComponent(session)}`
  return turn.error && turn.errorSeq > 0 ? `${page}?seq=${turn.errorSeq}` : `${page}?turn=${turn.n}`
}

// messageLine shows a message with the match.
export function messageLine(row: Row, href: string): HTMLElement {
  const { before, match, after } = partsOf(row, leading)
  return element("div", { class: "h-hit mono", "data-direction": row.direction },
    element("span", { class: "h-way", "aria-hidden": "true" }, arrowOf(row)),
    element("span", { class: "visually-hidden" }, say(`log.${row.direction}`), " "),
    element("span", { class: "h-text clip", lang: "" }, before, ...(match ? [element("mark", {}, match)] : []), after),
    element("a", { href, "data-testid": "found-hit", "data-seq": row.seq }, say("history.at_message", { seq: count(row.seq) })))
}

// moreLine says how many more messages of the session match.
export function moreLine(more: number, atLeast: boolean): HTMLElement {
  return element("div", { class: "h-hit" }, plural("history.more", more, { count: count(more) + (atLeast ? "+" : "") }).replace(/^[,，]\s*/, ""))
}

const wordsBefore = 36 // characters, so that a match is on one line with its place
const wordsAfter = 72

// lastWords cuts the beginning of a text at a blank.
function lastWords(text: string, isCut: boolean): string {
  if (text.length <= wordsBefore) return (isCut ? "…" : "") + text
  const end = text.slice(-wordsBefore)
  return `…${end.slice(end.indexOf(" ") + 1)}`
}

// firstWords cuts the end of a text at a blank. A whole sentence needs no dots after it.
function firstWords(text: string): string {
  if (text.length <= wordsAfter) return text
  const start = text.slice(0, wordsAfter)
  const blank = start.lastIndexOf(" ")
  const words = blank > 0 ? start.slice(0, blank) : start
  return /[.!?。！？]$/.test(words) ? words : `${words}…`
}

function oneLine(text: string): string {
  return visible(text.replace(/\s+/g, " "))
}
