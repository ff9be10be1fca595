// Services are dragged to folders by the mouse; their menu does the same by the keyboard.

import type { Service } from "../wire"
import type { Services } from "./services"

const type = "application/x-duplex-service" // others' drags have none

export function startDrag(services: Services, move: (service: Service, folder: string) => void, signal: AbortSignal): void {
  const { element } = services
  let dragged: Service | undefined

  element.addEventListener("dragstart", (event) => {
    const item = (event.target as Element).closest<HTMLElement>(".service")
    const service = services.service(item?.querySelector<HTMLElement>("a")?.dataset.id ?? "")
    if (!item || !service?.mayChange || !event.dataTransfer) return
    dragged = service
    event.dataTransfer.setData(type, service.id)
    event.dataTransfer.effectAllowed = "copyMove"
    item.classList.add("dragged")
  }, { signal })
  element.addEventListener("dragend", () => {
    dragged = undefined
    aim(null)
    for (const item of element.querySelectorAll(".dragged")) item.classList.remove("dragged")
  }, { signal })
  element.addEventListener("dragover", (event) => {
    if (!dragged) return
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = "move"
    aim(placeOf(event))
  }, { signal })
  element.addEventListener("dragleave", (event) => {
    if (!element.contains(event.relatedTarget as Node | null)) aim(null)
  }, { signal })
  element.addEventListener("drop", (event) => {
    const service = dragged
    if (!service) return
    event.preventDefault()
    const place = placeOf(event)
    aim(null)
    element.querySelector(".dragged")?.classList.remove("dragged") // the list waits with redrawing
    dragged = undefined
    move(service, place?.dataset.folder ?? "")
  }, { signal })

  // placeOf returns the folder under the pointer. The folder of the demo takes no others.
  function placeOf(event: DragEvent): HTMLElement | null {
    return (event.target as Element).closest<HTMLElement>(".folder:not([data-role=demo])")
  }

  function aim(place: HTMLElement | null): void {
    for (const item of element.querySelectorAll(".aimed")) if (item !== place) item.classList.remove("aimed")
    place?.classList.add("aimed")
  }
}
