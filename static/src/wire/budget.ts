// searchBudget is how long the server searches before it answers, in milliseconds. slow
// is for a message whose search alone takes longer than usual.
export const searchBudget = { usual: 200, slow: 10_000 }
