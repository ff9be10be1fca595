// The second filter: text or binary messages, or events of one name.

import { say } from "../text"
import { element } from "../ui"
import { eventNames, opcodes } from "../wire"
import { isMark } from "./sentence"

const events = eventNames.filter((name) => !isMark(name))

// Kinds is the select; its options depend on the direction.
export class Kinds {
  readonly element = element("select", { class: "log-kind", "data-testid": "filter-kind", "aria-label": say("kind") })
  private offered = ""

  get value(): string {
    return this.element.value
  }

  // update changes the options; a choice that is gone is dropped.
  update(isEvents: boolean): void {
    const offered = isEvents ? "events" : "opcodes"
    if (offered === this.offered) return
    this.offered = offered
    const kinds: readonly string[] = isEvents ? events : opcodes
    const option = (value: string, key: string) => element("option", { value }, say(key))
    this.element.replaceChildren(option("", `kind.any.${offered}`), ...kinds.map((kind) => option(kind, `kind.${kind}`)))
  }
}

// kindQuery returns the query parameter of a kind.
export function kindQuery(kind: string): { opcode?: string; event?: string } {
  if (kind === "") return {}
  return opcodes.some((opcode) => opcode === kind) ? { opcode: kind } : { event: kind }
}
