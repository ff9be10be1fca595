// The colours of the charts. A canvas takes none from the sheet: they are read from it, and
// again when the theme changes.

const names = ["border", "border-strong", "text-2", "received", "sent", "accent", "accent-fill", "bar", "warn", "error", "surface"] as const

type Name = (typeof names)[number]

export class Palette {
  private family = ""
  private readonly colours = new Map<Name, string>()
  private readonly probe = document.createElement("span")
  private readonly forced = matchMedia("(forced-colors: active)")
  private readonly watch: MutationObserver

  // The host is in the page when a colour is asked for; changed runs after the theme has changed.
  constructor(private readonly host: HTMLElement, private readonly changed: () => void, signal: AbortSignal) {
    this.probe.hidden = true
    const reread = () => {
      this.colours.clear()
      this.changed()
    }
    for (const media of [matchMedia("(prefers-color-scheme: dark)"), this.forced]) media.addEventListener("change", reread, { signal })
    this.watch = new MutationObserver(reread)
    this.watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class", "style"] })
    signal.addEventListener("abort", () => this.watch.disconnect())
  }

  // isForced reports whether the system chooses the colours: shapes must do without them.
  get isForced(): boolean {
    return this.forced.matches
  }

  get font(): string {
    if (this.colours.size === 0) this.read()
    return this.family
  }

  of(name: Name): string {
    if (this.colours.size === 0) this.read()
    return this.colours.get(name) ?? "gray"
  }

  private read(): void {
    this.host.append(this.probe)
    for (const name of names) {
      this.probe.style.color = this.isForced && name === "surface" ? "Canvas" : `var(--${name})`
      this.colours.set(name, getComputedStyle(this.probe).color)
    }
    this.family = getComputedStyle(this.host).fontFamily
    this.probe.remove()
  }
}
