// Saved messages as a list shows them: found by words, folder by folder. Pure.

import type { SavedMessage } from "../wire"

export interface Group {
  folder: string // "" is none
  messages: SavedMessage[]
}

// found is the messages whose name or folder holds every word.
export function found(all: readonly SavedMessage[], words: string): SavedMessage[] {
  const wanted = words.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  return all.filter(({ name, folder }) => {
    const text = `${folder} ${name}`.toLocaleLowerCase()
    return wanted.every((word) => text.includes(word))
  })
}

// grouped keeps the order that the server gives.
export function grouped(messages: readonly SavedMessage[]): Group[] {
  const groups: Group[] = []
  for (const message of messages) {
    const last = groups.at(-1)
    if (last?.folder === message.folder) last.messages.push(message)
    else groups.push({ folder: message.folder, messages: [message] })
  }
  return groups
}

export function foldersOf(all: readonly SavedMessage[]): string[] {
  return [...new Set(all.map(({ folder }) => folder))].filter(Boolean)
}

// behind is how many messages of a folder stand behind one.
export function behind(all: readonly SavedMessage[], { folder, position }: SavedMessage): number {
  return all.filter((other) => other.folder === folder && other.position > position).length
}
