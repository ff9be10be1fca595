// Icons are symbols of one sprite; icons.txt lists the ones that are built in.

const svg = "http://www.w3.org/2000/svg"

// icon makes a decorative icon; its meaning is in a text or label beside it.
export function icon(name: string): SVGSVGElement {
  const element = document.createElementNS(svg, "svg")
  element.setAttribute("class", "icon")
  element.setAttribute("aria-hidden", "true")
  const use = document.createElementNS(svg, "use")
  use.setAttribute("href", `${SPRITE_URL}#${name}`)
  element.append(use)
  return element
}

export function setIcon(element: SVGSVGElement, name: string): void {
  const href = `${SPRITE_URL}#${name}`
  const use = element.firstElementChild
  if (use?.getAttribute("href") !== href) use?.setAttribute("href", href)
}
