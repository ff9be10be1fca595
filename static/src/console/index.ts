// The page of one connection.

export { Console } from "./console"
