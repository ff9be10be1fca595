// Asking by a dialect: prompts and speech.

export { Ask, type Asking, type Mode } from "./ask"
