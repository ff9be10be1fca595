// The script of the console.

import { Console } from "../console"
import { parseBoot } from "../wire"
import { boot, startFrame } from "./frame"

startFrame((sidebar) => ({ console: new Console(parseBoot(boot("boot")), sidebar) }))
