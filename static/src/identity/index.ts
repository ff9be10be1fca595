// The person at the page: the role, the lease of the sign-in, signing out, access tokens.

export { startAccount } from "./account"
export { finishBeside, lease } from "./lease"
export { forbid, may } from "./role"
export { startTokens } from "./tokens"
