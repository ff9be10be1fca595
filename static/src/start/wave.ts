// The drawing of speech on the card of the first page.

export function drawWave(host: HTMLElement): void {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("viewBox", "0 0 216 24")
  svg.setAttribute("preserveAspectRatio", "none")
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
  let seed = 5
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647
  let drawn = ""
  for (let bar = 0; bar < 72; bar++) {
    const rise = 0.35 + 0.65 * Math.abs(Math.sin(bar / 6.5))
    const height = bar % 24 > 20 ? 1.4 : Math.max(1.4, 22 * rise * (0.25 + 0.75 * random()))
    drawn += `M${bar * 3} ${(24 - height) / 2}h2v${height.toFixed(1)}h-2z`
  }
  path.setAttribute("d", drawn)
  svg.append(path)
  host.replaceChildren(svg)
}
