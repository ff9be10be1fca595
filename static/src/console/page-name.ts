import type { Form } from "../forms"
import { serviceName } from "../sidebar"

// pageName returns the name of a form's service, as the side list has it.
export function pageName({ name, demo, kind }: Form): string {
  return serviceName({ name, demo, credential: { kind } })
}
