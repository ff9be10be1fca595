// Filters and groups saved messages for the list. Pure.

import type { SavedMessage } from "../wire"

export interface Group {
  folder: string // "" is none
  messages: SavedMessage[]
}

// found returns the messages that contain every word in name or folder.
export function found(all: readonly SavedMessage[], words: string): SavedMessage[] {
  const wanted = words.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  return all.filter(({ name, folder }) => {
    const text = `${folder} ${name}`.toLocaleLowerCase()
    return wanted.every((word) => text.includes(word))
  })
}

// grouped groups messages by folder, in the order of the server.
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

// behind counts the messages after one in its folder.
export function behind(all: readonly SavedMessage[], { folder, position }: SavedMessage): number {
  return all.filter((other) => other.folder === folder && other.position > position).length
}
