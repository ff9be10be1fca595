// A list of rows of one height of which only the visible ones exist: one component
// for the log, text, hex and tree. A sticky pane holds a pool of rows that is refilled
// at each scroll, so a fast scroll shows late content, never a blank.
//
// Browsers cut an element's height off (Chromium at 33,554,428 px, Firefox at
// 17,895,697), so the scrolled height stops at 8 million px and positions are scaled.

const tallest = 8_000_000

// Scale maps between scrollTop and the place in the whole list, both in px.
export type Scale = { scrolled: number; whole: number; factor: number }

// scaleOf returns the scale of a list; the factor is 1 while the list fits.
export function scaleOf(count: number, rowHeight: number, viewport: number): Scale {
  const whole = count * rowHeight
  const scrolled = Math.min(whole, tallest)
  const room = Math.max(1, scrolled - viewport)
  return { scrolled, whole, factor: whole > tallest ? (whole - viewport) / room : 1 }
}

export type RowsOptions = {
  rowHeight: number
  make(): HTMLElement
  fill(row: HTMLElement, index: number): void
  // drawn is called after each drawing.
  drawn?(): void
  // keys lets arrows and page keys scroll by rows, as a scaled list needs.
  keys?: boolean
  // follow keeps the last row in view until a person scrolls up.
  follow?: boolean
}

// Rows draws a list inside host, which scrolls.
export class Rows {
  following: boolean
  private count = 0
  private top = 0
  private expected = 0
  private viewport = 0
  private isHidden = false // it was, when it was to be drawn: browsers may forget where it was scrolled to
  private spacer = document.createElement("div")
  private pane = document.createElement("div")
  private sheet = document.createElement("div")
  private pool: HTMLElement[] = []
  private stop = new AbortController()
  private resized: ResizeObserver

  constructor(readonly host: HTMLElement, private readonly options: RowsOptions) {
    this.following = options.follow ?? false
    host.classList.add("rows")
    this.spacer.className = "rows-spacer"
    this.pane.className = "rows-pane"
    this.sheet.className = "rows-sheet"
    this.pane.append(this.sheet)
    this.spacer.append(this.pane)
    host.append(this.spacer)
    const signal = this.stop.signal
    host.addEventListener("scroll", () => this.scrolled(), { signal, passive: true })
    host.addEventListener("wheel", (e) => this.wheeled(e), { signal, passive: false })
    if (options.keys) host.addEventListener("keydown", (e) => this.key(e), { signal })
    this.resized = new ResizeObserver(() => {
      this.viewport = host.clientHeight
      this.draw()
    })
    this.resized.observe(host)
  }

  get length(): number {
    return this.count
  }

  // first and last visible row, partly visible ones included; last is -1 in an empty list.
  get first(): number {
    return Math.min(Math.floor(this.top / this.options.rowHeight), Math.max(0, this.count - 1))
  }

  get last(): number {
    return Math.min(this.count, Math.ceil((this.top + this.viewport) / this.options.rowHeight)) - 1
  }

  // page is the number of whole visible rows.
  get page(): number {
    return Math.max(1, Math.floor(this.viewport / this.options.rowHeight))
  }

  // resize sets the number of rows and draws.
  resize(count: number): void {
    this.count = count
    this.draw()
  }

  // refresh redraws every visible row.
  refresh(): void {
    this.draw()
  }

  // reveal scrolls a row into view, by the shortest way or to the middle.
  reveal(index: number, where: "nearest" | "middle" = "nearest"): void {
    const { rowHeight } = this.options
    const from = index * rowHeight
    this.viewport = this.host.clientHeight || this.viewport
    if (where === "middle" && (index <= this.first || index >= this.last)) this.goTo(from - this.viewport / 2)
    else if (from < this.top) this.goTo(from)
    else if (from + rowHeight > this.top + this.viewport) this.goTo(from + rowHeight - this.viewport)
  }

  // toEnd shows the last row and, in a following list, follows again.
  toEnd(): void {
    this.following = this.options.follow ?? false
    this.goTo(Infinity)
  }

  // resume follows again unless rows were added below in the meantime, and draws.
  resume(): void {
    if (this.options.follow) this.following = this.atEnd()
    this.draw()
  }

  // elementOf returns the element that shows a row, if it is visible.
  elementOf(index: number): HTMLElement | undefined {
    return this.pool[index - this.first]
  }

  destroy(): void {
    this.stop.abort()
    this.resized.disconnect()
    this.spacer.remove()
    this.host.classList.remove("rows")
  }

  private goTo(top: number): void {
    this.top = top
    this.clamp()
    if (this.options.follow) this.following = this.atEnd()
    this.draw()
  }

  private scrolled(): void {
    const { scrollTop, clientHeight } = this.host
    if (this.isHidden || clientHeight === 0) return
    if (clientHeight !== this.viewport) { // the list was resized: the browser moved it, no person did
      this.viewport = clientHeight
      return this.draw()
    }
    if (Math.abs(scrollTop - this.expected) < 1) return
    this.expected = scrollTop
    this.top = scrollTop * this.scale().factor
    this.clamp()
    if (this.options.follow) this.following = this.atEnd()
    this.draw()
  }

  // The wheel moves by its own delta, not by the delta times the factor.
  private wheeled(event: WheelEvent): void {
    if (this.scale().factor === 1 || event.deltaY === 0 || event.ctrlKey) return
    event.preventDefault()
    this.goTo(this.top + event.deltaY * (event.deltaMode === 1 ? this.options.rowHeight : 1))
  }

  private key(event: KeyboardEvent): void {
    const { page } = this
    const by = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page }[event.key]
    if (by === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    this.goTo(this.top + by * this.options.rowHeight)
  }

  private scale(): Scale {
    return scaleOf(this.count, this.options.rowHeight, this.viewport)
  }

  private clamp(): void {
    const room = this.count * this.options.rowHeight - this.viewport
    this.top = Math.max(0, Math.min(this.top, room))
  }

  private atEnd(): boolean {
    return this.top + this.viewport >= (this.count - 0.5) * this.options.rowHeight
  }

  // draw reads nothing that makes the browser lay out the page, until all rows are filled: setting
  // scrollTop lays them out, once for each drawing. The observer tells the height of the host.
  private draw(): void {
    this.viewport ||= this.host.clientHeight
    if (this.viewport === 0) {
      this.isHidden = true
      return
    }
    const wasHidden = this.isHidden
    this.isHidden = false
    const scale = this.scale()
    if (this.following) this.top = Infinity
    this.clamp()
    this.fill()
    this.spacer.style.height = `${scale.scrolled}px`
    this.pane.style.height = `${Math.min(this.viewport, scale.scrolled)}px`
    const target = this.top / scale.factor
    if (Math.abs(target - this.expected) >= 1 || this.following || wasHidden) {
      this.host.scrollTop = target
      this.expected = this.host.scrollTop
    }
    this.options.drawn?.()
  }

  private fill(): void {
    const { rowHeight, make, fill } = this.options
    const first = this.first
    const shown = Math.max(0, this.last - first + 1)
    while (this.pool.length < shown) this.pool.push(this.sheet.appendChild(make()))
    while (this.pool.length > shown) this.pool.pop()?.remove()
    this.pool.forEach((row, slot) => fill(row, first + slot))
    this.sheet.style.transform = `translateY(${first * rowHeight - this.top}px)`
  }
}
