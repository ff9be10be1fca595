// Opens the editor for texts other than messages.

import type { Editor, EditorOptions } from "./editor"

// openTextEditor loads the editor and mounts it.
export async function openTextEditor(place: HTMLElement, options: EditorOptions): Promise<Editor> {
  const { mountEditor } = await import("./editor")
  return mountEditor(place, options)
}
