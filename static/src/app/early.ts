// Runs before the first paint: the theme, and the side list as this browser keeps it.

import { earlySheet, Kept } from "../sidebar/kept"
import "./theme"

const kept = new Kept(localStorage)
const sheet = new CSSStyleSheet()
sheet.replaceSync(earlySheet(kept, CSS.escape))
document.adoptedStyleSheets.push(sheet)
document.documentElement.style.setProperty("--side", `${kept.width}px`)
