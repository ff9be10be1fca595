// The page of one connection.

export { Console } from "./console"

export { watchStore } from "./store"
