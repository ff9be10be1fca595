// The page of one connection, and the list of sessions beside it.

export { Console } from "./console"
export { nthSession, sessionLinks, Sidebar } from "./sidebar"
export { watchStore } from "./store"
