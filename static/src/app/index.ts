// The script of pages that have none of their own: audit log, settings, account, sign-in.

import { startFrame } from "./frame"

startFrame()
