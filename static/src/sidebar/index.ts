// The list at the side of every page: open sessions and saved services.

export { initials, serviceName } from "./names"
export { shortAddress, type Listed } from "./services"
export { nthSession, Sidebar, type Draft } from "./sidebar"
