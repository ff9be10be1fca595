// The saved messages of a service.

export { SavedMessages } from "./saved"
