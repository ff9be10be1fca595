// The page of past sessions.

export { startHistory } from "./history"
