// Which dialect finds answers in a session where that of the session finds none.

import { say } from "../text"
import { listDialects, readTurns, type Session } from "../wire"
import type { Offer } from "./empty"

// suggest tries the dialects of the session's address first, then the others, and at last the
// reading without one; null when none finds a text.
export async function suggest(session: Session, signal: AbortSignal): Promise<Offer | null> {
  const { ok } = await listDialects(session.address)
  const others = (ok ?? []).filter(({ name }) => name !== session.dialect).sort((a, b) => Number(b.suggested) - Number(a.suggested))
  for (const { name, title } of [...others, { name: "", title: say("turns.no_dialect") }]) {
    if (signal.aborted || name === session.dialect) continue
    const { ok: page } = await readTurns(session.id, { limit: 3, dialect: name }, signal)
    if (page?.turns.some(({ text }) => text.answer.trim() !== "" || text.user.trim() !== "")) return { name, title }
  }
  return null
}
