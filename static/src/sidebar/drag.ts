// Services are dragged to folders by the mouse; their menu does the same by the keyboard.

const type = "application/x-duplex-service" // others' drags have none

// startDrag calls move with the id of a service and the folder that it is dropped on; "" is
// out of all.
export function startDrag(element: HTMLElement, move: (id: string, folder: string) => void, signal: AbortSignal): void {
  let dragged = ""

  element.addEventListener("dragstart", (event) => {
    const item = (event.target as Element).closest<HTMLElement>(".service")
    if (item?.dataset.mayChange !== "true" || !event.dataTransfer) return
    dragged = item.querySelector("a")?.dataset.id ?? ""
    event.dataTransfer.setData(type, dragged)
    event.dataTransfer.effectAllowed = "copyMove"
    item.classList.add("dragged")
  }, { signal })
  element.addEventListener("dragend", () => {
    dragged = ""
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
    const id = dragged
    if (!id) return
    event.preventDefault()
    const place = placeOf(event)
    aim(null)
    element.querySelector(".dragged")?.classList.remove("dragged") // the list waits with redrawing
    dragged = ""
    move(id, place?.dataset.folder ?? "")
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
