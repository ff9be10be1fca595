// The script of the page of past sessions.

import { HistoryPage } from "../history"
import { byId } from "../ui"
import { startFrame } from "./frame"

startFrame()
const main = byId("main")
new HistoryPage(main)
main.dataset.ready = "1"
