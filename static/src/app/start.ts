// The script of the pages that connect: the first page, and the page of a new service.

import { StartPage } from "../start"
import { boot, startFrame } from "./frame"

startFrame(() => ({ start: new StartPage(boot("start-boot")) }))
