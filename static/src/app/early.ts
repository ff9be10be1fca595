// Runs before the first paint: the theme, the side list as this browser keeps it, and the second
// click of two that comes before the other scripts.

import { earlySheet, Kept } from "../sidebar/kept"
import { listenForSecond, Twice } from "../sidebar/twice"
import "./theme"

const kept = new Kept(localStorage)
const sheet = new CSSStyleSheet()
sheet.replaceSync(earlySheet(kept, CSS.escape))
document.adoptedStyleSheets.push(sheet)
document.documentElement.style.setProperty("--side", `${kept.width}px`)
listenForSecond(new Twice(sessionStorage, Date.now), new AbortController().signal) // as long as the page
