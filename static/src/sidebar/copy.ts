import { say } from "../text"
import { toast } from "../ui"
import { sideProblem } from "./problem"

// copy copies a text, and shows it where there is no clipboard: on a page without TLS.
export async function copy(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast(done)
  } catch {
    sideProblem().tell(text)
  }
}

export function copyLink(path: string): Promise<void> {
  return copy(`${location.origin}${path}`, say("sessions.link_copied"))
}
