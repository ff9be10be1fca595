// The panel in the log's place before the first connect: the purpose of the service,
// the first steps, its limits, and drafts of other services.

import { amountOf, type Form } from "../forms"
import { exactSize, has, sizeLimit, say, visible } from "../text"
import { element, icon, modifier, type Component } from "../ui"
import type { Kept } from "../visit"
import { pageName } from "./page-name"

export class Teach implements Component<Form> {
  constructor(readonly element: HTMLElement) {}

  update(form: Form): void {
    const demo = `page.demo.${form.demo}`
    const known = form.demo !== "" && has(demo)
    const lead = known ? say(demo) : say(form.service ? "page.teach.service" : "page.teach.new")
    const kind = known ? "demo" : form.service ? "saved" : "new"
    const steps = [1, 2, 3].map((step) => `page.teach.${kind}.${step}`)
    if (has(`${demo}.step`)) steps[1] = `${demo}.step` // a service that speaks first has its own second step
    const ping = amountOf(form, "ping_interval")
    const message = amountOf(form, "limits.max_message_bytes")
    this.element.replaceChildren(
      element("div", { class: "teach-inner" },
        icon("radio"),
        element("h2", {}, pageName(form) || say("page.start")),
        element("p", { class: "teach-lead" }, lead),
        element("ol", {}, ...steps.map((key) => element("li", {}, say(key, { modifier })))),
        element("dl", { class: "teach-limits" },
          ...limit("page.teach.limit.message", sizeLimit(message), exactSize(message)),
          ...limit("page.teach.limit.ping", ping > 0 ? say("page.teach.every", { seconds: ping }) : say("page.teach.off")),
          ...limit("page.teach.limit.auth", say(`auth.kind.${form.kind}`)),
        ),
      ),
    )
  }

  // offer links to drafts of services that were never saved.
  offer(drafts: readonly Kept[]): void {
    if (drafts.length === 0) return
    const items = drafts.map(({ key, title }) =>
      element("li", {}, element("a", { href: `/connect?draft=${encodeURIComponent(key.slice("new.".length))}`, "data-testid": "draft-link" }, visible(title))))
    this.element.querySelector(".teach-inner")?.append(
      element("section", { class: "teach-drafts", "aria-label": say("page.drafts") }, element("h3", {}, say("page.drafts")), element("ul", {}, ...items)),
    )
  }

  destroy(): void {}
}

// exampleOf returns a message that the demo service understands, or "".
export function exampleOf(form: Form): string {
  const key = `page.demo.${form.demo}.example`
  return form.demo !== "" && has(key) ? say(key) : ""
}

function limit(key: string, value: string, title = ""): HTMLElement[] {
  return [element("div", {}, element("dt", {}, say(key)), element("dd", { title: title || null }, value))]
}
