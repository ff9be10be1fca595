// The message to send: an editor, bytes, a file.

export { createComposer, type Blocked, type Composer, type Message } from "./composer"
export { attachButton, sendButton, sendKeys } from "./bar"
export { openTextEditor } from "./open"
export { base64Of, hexOf, utf8Length } from "./encode"
export type { Outgoing, Sending } from "./outgoing"
export type { Written } from "./written"
