// What a person sees where the system chooses the colours. Each function of window.seen
// returns the parts that cannot be told from their surroundings, one a line.
window.seen = (() => {
  const controls = "button, a[href], summary, input, select, textarea, [role=tab], [role=menuitem], [role=option], [role=row]"
  const chosen = "[aria-selected=true], [aria-current]:not([aria-current=false]), [aria-checked=true], [aria-pressed=true], .segments :checked"
  const pseudos = ["", "::before", "::after"]

  const isShown = (e) =>
    e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && e.getBoundingClientRect().width > 1 && !e.closest(".visually-hidden")
  const styleOf = (e, pseudo) => getComputedStyle(e, pseudo || null)
  const numbers = (colour) => {
    const parts = (colour.match(/[\d.]+/g) ?? []).map(Number)
    const scale = colour.startsWith("color(") ? 255 : 1
    return [...parts.slice(0, 3).map((n) => n * scale), parts[3] ?? 1]
  }
  const isClear = (colour) => numbers(colour)[3] < 0.1
  const linear = (n) => (n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4)
  const luminance = (colour) => {
    const [red, green, blue] = numbers(colour).map((n) => linear(n / 255))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
    return (high + 0.05) / (low + 0.05)
  }
  const behind = (e) => {
    for (let at = e; at; at = at.parentElement) if (numbers(styleOf(at).backgroundColor)[3] > 0.9) return styleOf(at).backgroundColor
    return styleOf(document.documentElement).backgroundColor
  }
  const isSeen = (colour, ground) => !isClear(colour) && contrast(colour, ground) > 1.05
  const borders = (style) => ["Top", "Right", "Bottom", "Left"].map((side) => ["Width", "Style", "Color"].map((part) => style[`border${side}${part}`]))
  const hasEdge = (style, ground) =>
    borders(style).some(([width, line, colour]) => parseFloat(width) >= 1 && line !== "none" && isSeen(colour, ground)) ||
    (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1)
  const hasFill = (style, ground) => isSeen(style.backgroundColor, ground)
  const isDistinct = (e, pseudo = "") => {
    const [style, ground] = [styleOf(e, pseudo), behind(pseudo ? e : e.parentElement)]
    return hasFill(style, ground) || hasEdge(style, ground)
  }
  const name = (e, pseudo = "") => e.cloneNode().outerHTML.replace(/\s+/g, " ").slice(0, 240) + pseudo

  // A mark is a small part without a text or picture: only its fill shows it.
  const isEmpty = (e) => e.childElementCount === 0 && e.textContent.trim() === "" && !e.matches("input, textarea, canvas, svg, svg *")
  const isEmptyPseudo = ({ content, display }) => content === '""' && display !== "none"
  const isStill = (e, pseudo) => !pseudo || isEmptyPseudo(styleOf(e, pseudo)) // the caret of a text that has ended is gone
  const isMark = (e, pseudo) => {
    const style = styleOf(e, pseudo)
    if (pseudo ? !isEmptyPseudo(style) : !isEmpty(e)) return false
    const [width, height] = [parseFloat(style.width), parseFloat(style.height)]
    return width > 0 && height > 0 && Math.min(width, height) <= 20 && hasFill(style, behind(pseudo ? e : e.parentElement))
  }
  const isBox = (e) => e.matches(`${controls}, dialog, [popover], [role=menu]`) && isDistinct(e)
  const isDrawn = (e) => {
    const { fill, stroke } = styleOf(e)
    return [fill, stroke].some((paint) => paint !== "none" && isSeen(paint, behind(e)))
  }

  let ordinary = { marks: [], boxes: [], shapes: [], clear: [] }

  // look is what tells a part from others of its kind, apart from the colour of its text: the
  // outlines, borders, fills and weights of it and of the parts around it.
  const look = (e) => {
    const around = [e, e.nextElementSibling]
    for (let at = e.parentElement; at && around.length < 5; at = at.parentElement) around.push(at)
    return around.filter(Boolean).flatMap((part) => pseudos.map((pseudo) => lookOf(part, pseudo))).join("\n")
  }
  const lookOf = (e, pseudo) => {
    const [style, ground] = [styleOf(e, pseudo), behind(e.parentElement ?? e)]
    if (pseudo && style.content === "none") return ""
    const outline = style.outlineStyle === "none" ? "" : [style.outlineStyle, style.outlineWidth, style.outlineColor]
    const border = hasEdge(style, ground) ? borders(style) : ""
    return [pseudo && style.content, outline, border, hasFill(style, ground) && style.backgroundColor, style.fontWeight, style.textDecorationLine].join()
  }

  return {
    // ordinary remembers what is seen by its fill or border while the page has its own colours.
    ordinary() {
      const all = [...document.querySelectorAll("body *")].filter(isShown)
      ordinary = {
        marks: all.flatMap((e) => pseudos.filter((pseudo) => isMark(e, pseudo)).map((pseudo) => [e, pseudo])),
        boxes: all.filter(isBox),
        shapes: all.filter((e) => e.matches("svg :is(path, circle, line, rect, polyline, polygon, ellipse)") && isDrawn(e)),
        clear: all.filter((e) => (e.value ?? e.textContent) && !e.childElementCount && isClear(styleOf(e).color)),
      }
      return `${ordinary.marks.length} marks, ${ordinary.boxes.length} boxes, ${ordinary.shapes.length} shapes`
    },
    lost() {
      const { marks, boxes, shapes, clear } = ordinary
      return [
        ...marks.filter(([e, pseudo]) => isShown(e) && isStill(e, pseudo) && !isDistinct(e, pseudo)).map(([e, pseudo]) => "mark " + name(e, pseudo)),
        ...boxes.filter((e) => isShown(e) && !isDistinct(e)).map((e) => "box " + name(e)),
        ...shapes.filter((e) => isShown(e) && !isDrawn(e)).map((e) => "shape " + name(e) + " of " + name(e.closest("svg"))),
        ...clear.filter((e) => isShown(e) && !isClear(styleOf(e).color)).map((e) => "doubled text " + name(e)),
      ].join("\n")
    },
    // unmarked takes the state of each chosen part away for a moment, and compares.
    unmarked() {
      return [...document.querySelectorAll(chosen)].filter((e) => isShown(e.type === "radio" ? e.parentElement : e)).filter((e) => {
        const before = look(e)
        const attribute = ["aria-selected", "aria-current", "aria-checked", "aria-pressed"].find((known) => e.hasAttribute(known))
        const value = attribute ? e.getAttribute(attribute) : ""
        if (attribute === "aria-current") e.removeAttribute(attribute)
        else if (attribute) e.setAttribute(attribute, "false")
        else e.checked = false
        const after = look(e)
        if (attribute) e.setAttribute(attribute, value)
        else e.checked = true
        return before === after
      }).map((e) => "chosen " + name(e)).join("\n")
    },
    // unfocused gives each control the focus as a key does.
    unfocused() {
      const all = [...document.querySelectorAll(controls)].filter(isShown)
      const front = (e) => (e.closest("dialog, [popover], [role=menu]") ? 0 : 1)
      return all.sort((a, b) => front(a) - front(b)).filter((e) => {
        document.activeElement?.blur()
        if (!isShown(e)) return false
        const before = look(e)
        e.focus({ focusVisible: true })
        return document.activeElement === e && look(e) === before
      }).map((e) => "focus " + name(e)).join("\n")
    },
  }
})()
