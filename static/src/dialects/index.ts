// Dialects and environments: choosing, reading and editing them.

export { HandshakePreview } from "./handshake"
export { Known } from "./known"
export { Picker } from "./picker"
export { aboutDialect, drawSends } from "./preview"

// openDialogs loads the dialogs, which few visits need.
export async function openDialogs() {
  const [dialects, environments] = await Promise.all([import("./dialogs"), import("./environments")])
  return { ...dialects, ...environments }
}
