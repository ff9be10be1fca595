// The services of the demo that its folder does not list: one for each kind of credential,
// and some that behave in their own way.

import { say, visible } from "../text"
import { element, openDialog } from "../ui"
import type { Service } from "../wire"
import { serviceName } from "./names"

export function showSamples(samples: readonly Service[]): void {
  const isAuth = (service: Service) => service.demo === "echo"
  const list = (services: readonly Service[]) => element("ul", { class: "choices" }, ...services.map((service) => element("li", {},
    element("a", { class: "choice", href: `/services/${service.id}`, "data-testid": "sample", "data-id": service.id },
      element("span", { class: "name" }, serviceName(service)),
      element("span", { class: "auth" }, visible(service.dialect))))))
  void openDialog(element("dialog", { class: "dialog samples", "aria-labelledby": "samples-title", "data-testid": "samples" },
    element("form", { method: "dialog" },
      element("h2", { id: "samples-title" }, say("sidebar.samples")),
      element("p", {}, say("sidebar.samples.detail")),
      list(samples.filter(isAuth)),
      element("h3", {}, say("sidebar.samples.other")),
      list(samples.filter((service) => !isAuth(service))),
      element("div", { class: "dialog-buttons" }, element("button", { class: "button" }, say("page.close"))),
    )))
}
