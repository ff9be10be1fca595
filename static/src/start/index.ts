// The pages that connect: the first page, and the page of a new service.

export { readPasted } from "./command"
export { StartPage } from "./start"
