// What a person set in the side list, kept in this browser: its width, folded folders, and
// the failed sessions that were seen. The first script of the page reads it as well, so
// that the list is right in the first paint: this file imports nothing.

// Store is the used part of localStorage.
export type Store = Pick<Storage, "getItem" | "setItem">

export const width = { least: 200, usual: 264, most: 420 } as const // px

const widthKey = "duplex.side"
const foldsKey = "duplex.folds"
const seenKey = "duplex.seen"
const mostSeen = 100

interface Folds {
  folded: string[] // names of folders
  demo: boolean // the folder of the demo is unfolded
}

export class Kept {
  constructor(private readonly store: Store) {}

  get width(): number {
    const kept = Number(this.read(widthKey))
    return kept >= width.least && kept <= width.most ? kept : width.usual
  }

  set width(px: number) {
    this.write(widthKey, String(Math.round(Math.min(width.most, Math.max(width.least, px)))))
  }

  get folds(): Folds {
    const kept = parse(this.read(foldsKey)) as Partial<Folds> | null
    return { folded: texts(kept?.folded), demo: kept?.demo === true }
  }

  isFolded(name: string, isDemo: boolean): boolean {
    const { folded, demo } = this.folds
    return isDemo ? !demo : folded.includes(name)
  }

  fold(name: string, isDemo: boolean, on: boolean): void {
    const { folded, demo } = this.folds
    const others = folded.filter((other) => other !== name)
    this.write(foldsKey, JSON.stringify(isDemo ? { folded, demo: !on } : { folded: on ? [...others, name] : others, demo }))
  }

  // seen returns the failed sessions that were seen; null in a browser that is new here.
  get seen(): readonly string[] | null {
    const kept = parse(this.read(seenKey))
    return Array.isArray(kept) ? texts(kept) : null
  }

  see(ids: readonly string[]): void {
    const before = this.seen ?? []
    const added = ids.filter((id) => !before.includes(id))
    if (added.length > 0 || this.seen === null) this.write(seenKey, JSON.stringify([...before, ...added].slice(-mostSeen)))
  }

  private read(key: string): string | null {
    try {
      return this.store.getItem(key)
    } catch {
      return null
    }
  }

  private write(key: string, value: string): void {
    try {
      this.store.setItem(key, value)
    } catch {
      // The storage is full or closed: it lasts until the page is closed.
    }
  }
}

// earlySheet returns the rules that make the server's list look as it is kept. escape is
// CSS.escape.
export function earlySheet(kept: Kept, escape: (name: string) => string): string {
  const { folded, demo } = kept.folds
  const rules = folded.map((name) => `#side-folders > [data-folder=${escape(name)}]:not([data-role=demo]) > ul { display: none }`)
  if (demo) rules.push("#side-folders > [data-role=demo] > ul { display: block }")
  const other = ":not(:has(> [aria-current=page]))"
  const { seen } = kept
  if (seen === null) rules.push(`#sessions > [data-failed=true]${other} { display: none }`)
  else for (const id of seen) rules.push(`#sessions > :has(> [data-id=${escape(id)}])${other} { display: none }`)
  return rules.join("\n")
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null")
  } catch {
    return null
  }
}

function texts(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((item): item is string => typeof item === "string") : []
}
