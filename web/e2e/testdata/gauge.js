// Measures a page from within while it works: gaps between frames, tasks that held
// the main thread, how old the newest row on screen is, and how long a press takes
// until it is seen. Nothing is kept of a page but numbers.
window.gauge = (() => {
  const asked = 100 // ms between two looks at the newest row
  let on = false
  let frames = []
  let tasks = []
  let lags = []
  let presses = []
  let last = 0
  let timer = 0

  const observe = (type, take, options = {}) => new PerformanceObserver((list) => list.getEntries().forEach((entry) => on && take(entry))).observe({ type, ...options })
  observe("longtask", (entry) => tasks.push(entry.duration))
  observe("event", (entry) => { if (entry.name === "click") presses.push(entry.duration) }, { durationThreshold: 16 })

  function frame(now) {
    if (!on) return
    if (last > 0) frames.push(now - last)
    last = now
    requestAnimationFrame(frame)
  }

  const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  const ascending = (numbers) => numbers.slice().sort((a, b) => a - b)

  return {
    // start begins; newest returns when the newest row on screen was sent, in µs, or 0.
    start(newest = () => 0) {
      on = true
      frames = []
      tasks = []
      lags = []
      presses = []
      last = 0
      requestAnimationFrame(frame)
      timer = setInterval(() => {
        const sent = newest()
        if (sent > 0) lags.push(Date.now() - sent / 1000)
      }, asked)
    },
    stop() {
      on = false
      clearInterval(timer)
      const gaps = ascending(frames)
      return JSON.stringify({
        fps: gaps.length / Math.max(1, gaps.reduce((sum, gap) => sum + gap, 0)) * 1000,
        p95: at(gaps, 0.95),
        p99: at(gaps, 0.99),
        longest: Math.max(0, ...tasks),
        tasks: tasks.length,
        lag: Math.max(0, ...lags),
        press: Math.max(0, ...presses),
        presses: presses.length,
      })
    },
  }
})()
