// The turns of a session: requests with their answers, as text and as sound.

export { Turns } from "./view"
