// Dialects that the page has read, by name.

import { readDialect, type Dialect } from "../wire"

export class Known {
  private readonly asked = new Map<string, Promise<Dialect | null>>()
  private readonly read = new Map<string, Dialect>()

  // know takes a dialect that came with the page.
  know(dialect: Dialect): void {
    this.read.set(dialect.name, dialect)
    this.asked.set(dialect.name, Promise.resolve(dialect))
  }

  // get returns a dialect that was read, or null.
  get(name: string): Dialect | null {
    return this.read.get(name) ?? null
  }

  // find reads a dialect; null when there is none.
  async find(name: string): Promise<Dialect | null> {
    if (name === "") return null
    const found = this.asked.get(name) ?? this.ask(name)
    this.asked.set(name, found)
    return found
  }

  // forget reads a dialect anew at the next time: it was changed.
  forget(name: string): void {
    this.asked.delete(name)
    this.read.delete(name)
  }

  private async ask(name: string): Promise<Dialect | null> {
    const { ok } = await readDialect(name)
    if (ok) this.read.set(name, ok)
    else this.asked.delete(name)
    return ok
  }
}
