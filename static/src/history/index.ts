// The page of past sessions.

export { HistoryPage } from "./history"
