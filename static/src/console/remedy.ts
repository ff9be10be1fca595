// The actions that a diagnosis offers, as data. Pure.

import { partsOf, type Form } from "../forms"
import type { Kind } from "../wire"

export type Remedy =
  | { kind: "redial"; part: Partial<Form> } // connect with changed fields
  | { kind: "connect"; extra: object } // connect with more in the request
  | { kind: "tab"; name: string } // open a tab of the form

// remedyOf returns null for an action that this page does not know.
export function remedyOf(action: string, value: string, form: Form): Remedy | null {
  switch (action) {
    case "switch_to_ws":
      return { kind: "redial", part: { base: form.base.replace(/^wss:/i, "ws:") } }
    case "switch_to_wss":
      return { kind: "redial", part: { base: form.base.replace(/^ws:/i, "wss:") } }
    case "sync_address": {
      const { base, params } = partsOf(value)
      return { kind: "redial", part: params.length > 0 ? { base, params } : { base } }
    }
    case "use_v11":
      return { kind: "redial", part: { fields: { ...form.fields, algorithm: "V11-HMAC-SHA256" } } }
    case "renew_token":
      return { kind: "connect", extra: { renew_token: true } }
    case "reconnect":
      return { kind: "connect", extra: {} }
    case "edit_auth":
    case "edit_headers":
    case "edit_settings":
      return { kind: "tab", name: action.slice("edit_".length) }
    default:
      return null
  }
}

// pastedField returns the field of the only secret of the form's credential, which can be
// pasted without looking at others; or null.
export function pastedField(kinds: readonly Kind[], { kind }: Form): string | null {
  const secrets = kinds.find((known) => known.kind === kind)?.fields.filter(({ secret }) => secret) ?? []
  const others = kinds.find((known) => known.kind === kind)?.fields.filter(({ secret, required }) => !secret && required) ?? []
  return secrets.length === 1 && others.length === 0 ? (secrets[0]?.name ?? null) : null
}
