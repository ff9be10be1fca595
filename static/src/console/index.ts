// The page of one connection.

export { Console } from "./console"
export { unsavedDrafts } from "./drafts"
export { watchStore } from "./store"
