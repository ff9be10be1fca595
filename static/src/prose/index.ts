// Texts that people read: answers of services, as they grow.

export { Flow } from "./flow"
export { Prose } from "./prose"
