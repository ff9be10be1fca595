// Puts what was pasted into the form of a new service. Pure.

import { partsOf, type Form } from "../forms"
import type { Pasted } from "./command"

// filledWith returns the form with what was pasted; the rest of it stays.
export function filledWith(form: Form, pasted: Pasted): Form {
  const { credential } = pasted
  return {
    ...form,
    ...partsOf(pasted.address),
    headers: pasted.headers.length > 0 ? pasted.headers.map(({ name, value, secret }) => ({ name, value, enabled: true, ...(secret ? { secret } : {}) })) : form.headers,
    subprotocols: pasted.subprotocols.length > 0 ? [...pasted.subprotocols] : form.subprotocols,
    ...(credential ? { kind: credential.kind, fields: { ...credential.fields } } : {}),
  }
}

// partsFilled counts what a text filled besides the address.
export function partsFilled(pasted: Pasted): { params: number; headers: number; subprotocols: number } {
  return { params: partsOf(pasted.address).params.length, headers: pasted.headers.length, subprotocols: pasted.subprotocols.length }
}
