// The state of the page. step computes it from events; each change is drawn.

import type { Form } from "../forms"
import type { Session } from "../wire"
import { live, start, step, type Event, type State } from "./state"
import type { Before, Failure } from "./view"

export class Model {
  state: State = start
  failure: Failure | null = null // of the last connect
  before: Before | null = null // the end of the session before this one, where it was an error
  dialled: Form | null = null // the form that the session was opened with
  editing = false // the form is unlocked while connected

  constructor(private readonly changed: (by: Event) => void) {}

  apply(event: Event): void {
    this.state = step(this.state, event)
    this.changed(event)
  }

  get isLive(): boolean {
    return live(this.state.connection)
  }

  // session is the one that the page is attached to.
  get session(): Session | null {
    const { connection } = this.state
    return connection.kind === "attached" ? connection.session : null
  }

  get sessionID(): string {
    return this.session?.id ?? ""
  }
}
