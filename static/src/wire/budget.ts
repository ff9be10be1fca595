import { listMessagesBudgetMsMaximum, listMessagesLimitMaximum } from "./schema"

// maxRows is the largest number of rows in one answer.
export const maxRows = listMessagesLimitMaximum

// searchBudget is the search time of one request to the server, in milliseconds. slow is
// for a single message that takes longer than usual.
export const searchBudget = { usual: 200, slow: listMessagesBudgetMsMaximum }

// maxExported is the largest number of sessions in one file: maxItems of exportSessions.
export const maxExported = 100
