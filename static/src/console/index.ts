// The page of one connection, and the list of sessions beside it.

export { Console } from "./console"
export { createSidebar, nthSession, sessionLinks } from "./sidebar"
export { watchStore } from "./store"
