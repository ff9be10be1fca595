// A part of the page whose script is loaded when it is first asked for something. What it is
// asked until then it does once it is there, in order: no press is lost.

import { say } from "../text"
import { toast } from "./toast"

type Request<Part> = (part: Part) => void

export class Late<Part> {
  private part: Part | null = null
  private loading: Promise<void> | null = null
  private asked: Request<Part>[] = []

  constructor(private readonly make: () => Promise<Part>) {}

  // ask has the part do something, now or when it is loaded.
  ask(request: Request<Part>): void {
    void this.load()
    this.tell(request)
  }

  // tell is ask for a part that is loaded or on its way; any other has nothing to do.
  tell(request: Request<Part>): void {
    if (this.part) request(this.part)
    else if (this.loading) this.asked.push(request)
  }

  // load loads the part ahead of the first request.
  load(): Promise<void> {
    return (this.loading ??= this.begin())
  }

  private async begin(): Promise<void> {
    try {
      this.part = await this.make()
    } catch (error) {
      console.error(error)
      this.loading = null // the next request tries again
      if (this.asked.splice(0).length > 0) toast(say("page.not_loaded"))
      return
    }
    for (const request of this.asked.splice(0)) request(this.part)
  }
}
