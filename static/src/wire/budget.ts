// searchBudget is the search time of one request to the server, in milliseconds. slow is
// for a single message that takes longer than usual.
export const searchBudget = { usual: 200, slow: 10_000 }
