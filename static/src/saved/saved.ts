// The saved messages of a service: saved from the composer or the log, loaded into the
// composer.

import type { Message } from "../composer"
import { say, size, visible } from "../text"
import { confirm, toast } from "../ui"
import { changeSaved, deleteSaved, listSaved, readSaved, saveMessage, type SavedMessage } from "../wire"
import { ask } from "./dialog"
import { foldersOf } from "./group"
import { Panel } from "./panel"

export interface SavedDeps {
  // service returns the id of the service, or "" before it is saved.
  service(): string
  // nameService focuses the field for the name of the service.
  nameService(): void
  // written returns the message in the composer, or the reason why there is none.
  written(): Promise<Message | { problem: string }>
  load(message: Message): Promise<void>
}

export class SavedMessages {
  readonly panel: Panel
  private all: SavedMessage[] = []
  private folder = "" // of the message that was saved last

  constructor(private readonly deps: SavedDeps) {
    this.panel = new Panel({
      opened: () => void this.refresh(),
      load: (message) => void this.load(message),
      keep: () => void this.keepWritten(),
      replace: (message) => void this.replace(message),
      rename: (message) => void this.rename(message),
      move: (message, by) => void this.move(message, by),
      remove: (message) => void this.remove(message),
      name: () => deps.nameService(),
    })
  }

  // keepWritten saves the message in the composer.
  async keepWritten(): Promise<void> {
    const message = await this.deps.written()
    if ("problem" in message) return this.panel.tell(message.problem)
    return this.saveMessage(message)
  }

  // saveMessage asks for a name and saves a message.
  async saveMessage(message: Message): Promise<void> {
    const service = this.deps.service()
    if (service === "" || !(await this.fetch(service))) return this.panel.open()
    let as = ""
    const saved = await ask({
      title: say("saved.keep_title"), action: say("saved.save"),
      detail: `${say(`saved.type.${message.type}`)} · ${size(message.body.size)}`,
      name: visible(message.name).slice(0, 100), folder: this.folder, folders: foldersOf(this.all),
      taken: (name, folder) => this.named(name, folder) !== undefined,
      save: async (name, folder, signal) => {
        as = name
        this.folder = folder
        const { error } = await saveMessage(service, this.named(name, folder)?.id ?? "", { name, folder, type: message.type }, message.body, signal)
        return error
      },
    })
    if (saved) toast(say("saved.saved", { name: visible(as) }))
  }

  destroy(): void {
    this.panel.destroy()
  }

  private async refresh(focus = ""): Promise<void> {
    const service = this.deps.service()
    if (service === "") return this.panel.setEmpty(say("saved.unnamed"), true)
    if (await this.fetch(service)) this.panel.update(this.all, focus)
  }

  private async fetch(service: string): Promise<boolean> {
    const { ok, error } = await listSaved(service)
    if (error) this.panel.setEmpty(error.message)
    else this.all = ok
    return error === null
  }

  private named(name: string, folder: string): SavedMessage | undefined {
    return this.all.find((message) => message.name === name && message.folder === folder)
  }

  private async load({ id, type, name }: SavedMessage): Promise<void> {
    try {
      const body = await readSaved(this.deps.service(), id)
      await this.deps.load({ type, name, body })
      toast(say("saved.loaded", { name: visible(name) }))
    } catch (error) {
      this.panel.tell(error instanceof Error ? error.message : String(error))
    }
  }

  private async replace({ id, name, folder }: SavedMessage): Promise<void> {
    const message = await this.deps.written()
    if ("problem" in message) return this.panel.tell(message.problem)
    const values = { name: visible(name), size: size(message.body.size) }
    if (!(await confirm(say("saved.replace.question", values), say("saved.replace.detail", values), say("saved.replace")))) return this.panel.open()
    const { error } = await saveMessage(this.deps.service(), id, { name, folder, type: message.type }, message.body, new AbortController().signal)
    if (error) return this.panel.tell(error.message)
    toast(say("saved.saved", values))
  }

  private async rename(message: SavedMessage): Promise<void> {
    const service = this.deps.service()
    await ask({
      title: say("saved.rename_title"), action: say("saved.save"), detail: say("saved.rename_detail"),
      name: message.name, folder: message.folder, folders: foldersOf(this.all),
      taken: () => false,
      save: async (name, folder) => (await changeSaved(service, message.id, { name, folder })).error,
    })
    this.panel.open()
    await this.refresh(message.id)
  }

  private async move({ id, position }: SavedMessage, by: 1 | -1): Promise<void> {
    const { error } = await changeSaved(this.deps.service(), id, { position: position + by })
    this.panel.tell(error?.message ?? "")
    await this.refresh(id)
  }

  private async remove({ id, name }: SavedMessage): Promise<void> {
    const sure = await confirm(say("saved.delete.question", { name: visible(name) }), say("saved.delete.detail"), say("saved.delete"))
    const { error } = sure ? await deleteSaved(this.deps.service(), id) : { error: null }
    this.panel.tell(error?.message ?? "")
    await this.refresh(sure ? "" : id)
  }
}
