// Asking by a dialect: prompts and speech.

export { Ask, type Asking } from "./ask"
export { modes, type Mode } from "./mode"
