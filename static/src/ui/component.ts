// The shape of every part of the page. A part is made with its element or makes it,
// update draws a new model, and destroy ends its listeners, timers and observers.

export interface Component<Model> {
  readonly element: HTMLElement
  update(model: Model): void
  destroy(): void
}

// every runs a function each ms milliseconds until signal aborts.
export function every(ms: number, run: () => void, signal: AbortSignal): void {
  const timer = window.setInterval(run, ms)
  signal.addEventListener("abort", () => window.clearInterval(timer), { once: true })
}
