// What a person cannot see or reach in a small window. Each function of window.zoom returns the
// parts that are out of reach, one a line.
window.zoom = (() => {
  const controls = "button, a[href], summary, input, select, textarea, [role=tab], [role=menuitem], [role=option], [tabindex='0']"
  const isShown = (e) =>
    e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && e.getBoundingClientRect().width > 1 && !e.closest(".visually-hidden, .skip, pre")
  const name = (e) => e.cloneNode().outerHTML.replace(/\s+/g, " ").slice(0, 240)
  const place = ({ left, top, right, bottom }) => `${[left, top, right, bottom].map(Math.round)} `
  const all = () => [...document.querySelectorAll(controls)].filter(isShown)

  // frames are the boxes beyond which a part is not painted, from the inside out.
  const frames = (e) => {
    const out = []
    for (let at = e.parentElement, isFixed = getComputedStyle(e).position === "fixed"; at && !isFixed; at = at.parentElement) {
      const style = getComputedStyle(at)
      if (style.overflowX !== "visible" || style.overflowY !== "visible") out.push(at)
      isFixed = style.position === "fixed" || at.matches(":popover-open, :modal")
    }
    return out
  }
  const isBeside = (inner, outer) => inner.left < outer.left - 1 || inner.right > outer.right + 1
  const isAbove = (inner, outer) => inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1
  const screen = () => ({ left: 0, top: 0, right: innerWidth, bottom: innerHeight })

  return {
    // cutOff lists controls that reach over an edge at the side, and texts that are cut off at
    // the bottom where nothing scrolls.
    cutOff() {
      const beside = all().filter((e) => {
        const box = e.getBoundingClientRect()
        return isBeside(box, screen()) || frames(e).some((frame) => isBeside(box, frame.getBoundingClientRect()))
      })
      const below = [...document.querySelectorAll("body *")].filter((e) => {
        if (!isShown(e) || !e.innerText?.trim() || e.matches("input, textarea, [role=row], .rows-pane, .cm-scroller *")) return false
        const { overflowY, textOverflow, webkitLineClamp } = getComputedStyle(e)
        const isClosed = /hidden|clip/.test(overflowY) && textOverflow !== "ellipsis" && webkitLineClamp === "none"
        return isClosed && e.scrollHeight > e.clientHeight + 4
      })
      const where = (e) => place(e.getBoundingClientRect()) + name(e)
      return [...beside.map((e) => "control " + where(e)), ...below.map((e) => `text ${e.scrollHeight} px in ${e.clientHeight}: ` + name(e))].join("\n")
    },
    // crowded tells when the log has less than three rows, or the composer is not on the screen.
    crowded() {
      const out = []
      const list = document.querySelector(".log-list"), row = document.querySelector("[data-testid=row]")
      if (row && isShown(row) && list.clientHeight < 3 * row.offsetHeight) out.push(`the log is ${list.clientHeight} px high`)
      const send = document.querySelector("[data-testid=send]")
      const box = send?.getBoundingClientRect()
      if (send && isShown(send) && (isAbove(box, screen()) || isBeside(box, screen()))) out.push("the composer is not on the screen")
      return out.join("\n")
    },
    // outOfReach gives each control the focus, which must bring it onto the screen.
    outOfReach() {
      const front = (e) => (e.closest("dialog, [popover], [role=menu]") ? 0 : 1)
      return all().sort((a, b) => front(a) - front(b)).filter((e) => {
        if (!isShown(e)) return false
        e.focus({ focusVisible: true })
        if (document.activeElement !== e) return false
        const box = e.getBoundingClientRect()
        const isHigh = box.height > innerHeight / 2
        return isBeside(box, screen()) || (!isHigh && isAbove(box, screen())) || frames(e).some((frame) => {
          const around = frame.getBoundingClientRect()
          return isBeside(box, around) || (isHigh || box.height > around.height ? box.bottom < around.top || box.top > around.bottom : isAbove(box, around))
        })
      }).map((e) => place(e.getBoundingClientRect()) + name(e)).join("\n")
    },
  }
})()
