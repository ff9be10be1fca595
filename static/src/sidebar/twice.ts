// A double click on the name of an entry that is not open: the first click leaves the page, and
// the second one comes on the page that is left or on the next. Either way the next page renames
// the entry. The first script of the page listens as well, since the click may come before all
// others: this file imports nothing.

// Store is the used part of sessionStorage.
export type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">

const pressedKey = "duplex.pressed"
const renameKey = "duplex.rename"
const between = 500 // ms between two clicks that are one double click
const lasts = 10_000 // ms for which a page that loads may take

export class Twice {
  constructor(private readonly store: Store, private readonly now: () => number) {}

  // pressed keeps that the name of an entry was clicked, whose page is to come.
  pressed(path: string): void {
    this.write(pressedKey, path)
  }

  // isSecond reports whether a click on the name of the entry with the path of this page is the
  // second of two.
  isSecond(path: string): boolean {
    return this.isKept(pressedKey, path, between)
  }

  // rename asks the page with a path to rename its entry.
  rename(path: string): void {
    this.write(renameKey, path)
  }

  // take reports whether this page is to rename its entry, once.
  take(path: string): boolean {
    const asked = this.isKept(renameKey, path, lasts)
    try {
      this.store.removeItem(renameKey)
    } catch {
      // The storage is closed: nothing was kept.
    }
    return asked
  }

  private write(key: string, path: string): void {
    try {
      this.store.setItem(key, `${this.now()} ${path}`)
    } catch {
      // The storage is full or closed: a double click opens and does not rename.
    }
  }

  private isKept(key: string, path: string, atMost: number): boolean {
    try {
      const [at = "", kept] = (this.store.getItem(key) ?? "").split(" ")
      return kept === path && this.now() - Number(at) < atMost
    } catch {
      return false
    }
  }
}

// isOnName reports whether a click is on the name of an entry: the link lies over it.
export function isOnName({ clientX, clientY }: MouseEvent, entry: Element | null): boolean {
  const box = entry?.querySelector(".name")?.getBoundingClientRect()
  return box !== undefined && clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom
}

// listenForSecond asks for the renaming of this page's entry when its name is clicked by the
// second click of two.
export function listenForSecond(twice: Twice, signal: AbortSignal): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("#sidebar li > a")
    if (link?.pathname !== location.pathname || !twice.isSecond(link.pathname) || !isOnName(event, link)) return
    event.preventDefault() // the page is open
    twice.rename(link.pathname)
  }, { capture: true, signal })
}
