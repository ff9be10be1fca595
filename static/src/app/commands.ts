// The commands of the palette on this page.

import type { Console } from "../console"
import { may } from "../identity"
import type { Listed, Sidebar } from "../sidebar"
import { hhmm, say, visible } from "../text"
import type { Command } from "../ui"
import type { Choice } from "./language"
import type { Theme } from "./theme"

export interface Commanded {
  page: Console | null
  sidebar: Sidebar | null
  themes: readonly { name: Theme; run(): void }[]
  languages: readonly Choice[]
  goTo(href: string): void
}

const tabs = ["turns", "messages", "timing", "params", "headers", "auth", "settings"]

export function listCommands({ page, sidebar, themes, languages, goTo }: Commanded): Command[] {
  const go = (key: string, href: string, picture: string): Command => ({ id: href, name: say(key), kind: say("sidebar.kind.page"), picture, run: () => goTo(href) })
  const { services, samples } = sidebar?.listed() ?? { services: [], samples: [] }
  const open = ({ id, name, folder }: Listed): Command => ({
    id: `service.${id}`, name, kind: folder ? visible(folder) : say("sidebar.kind.service"), picture: "waypoints", run: () => goTo(`/services/${id}`),
  })
  return [
    ...(page && may("member") ? serviceCommands(page) : []),
    ...(sidebar ? sessionCommands(sidebar, goTo) : []),
    ...services.map(open),
    ...(page ? tabCommands(page) : []),
    ...(may("member") ? [go("page.service.new", "/services/new", "plus")] : []),
    go("page.history", "/history", "history"),
    ...(may("admin") ? [go("page.audit", "/audit", "scroll-text"), go("page.settings", "/settings", "sliders-horizontal")] : []),
    go("identity.account", "/account", "settings"),
    ...themes.map(({ name, run }): Command => ({ id: `theme.${name}`, name: say("page.command.theme", { theme: say(`page.theme.${name}`) }), picture: "monitor", run })),
    ...samples.map(open),
    ...languages.map(({ name, run }): Command => ({ id: `language.${name}`, name: say("page.command.language", { language: name }), picture: "globe", run })),
  ]
}

function serviceCommands(page: Console): Command[] {
  const out: Command[] = page.isLive
    ? [{ id: "disconnect", name: say("page.disconnect"), picture: "unplug", danger: true, run: () => void page.disconnect() }]
    : [{ id: "connect", name: say("page.connect"), picture: "play", run: () => void page.connect() }]
  out.push(
    { id: "save", name: say("page.save"), picture: "save", run: () => void page.service.save() },
    { id: "save_as", name: say("page.save_as"), picture: "copy", run: () => void page.service.saveAsNew() },
    { id: "keep", name: say("saved.keep_command"), picture: "bookmark-plus", run: () => void page.messages.keepWritten() },
    { id: "saved", name: say("saved.title"), picture: "bookmark", run: () => page.showSaved() },
  )
  if (enabled("revert")) out.push({ id: "revert", name: say("page.revert"), picture: "eraser", danger: true, run: () => void page.service.revert() })
  if (enabled("delete")) out.push({ id: "delete", name: say("page.delete"), picture: "trash-2", danger: true, run: () => void page.service.remove() })
  return out
}

function sessionCommands(sidebar: Sidebar, goTo: (href: string) => void): Command[] {
  return sidebar.listed().sessions.map(({ session: { id, openedAtUS, state }, name }): Command => ({
    id: `session.${id}`, name, kind: say("sidebar.kind.session", { time: hhmm(openedAtUS), state: say(`page.state.${state}`) }), picture: "activity", run: () => goTo(`/sessions/${id}`),
  }))
}

function tabCommands(page: Console): Command[] {
  return tabs.filter((name) => document.getElementById(`tab-${name}`)?.hidden === false).map((name) => ({
    id: `tab.${name}`, name: say("page.command.tab", { tab: say(`page.tab.${name}`) }), kind: say("sidebar.kind.view"), picture: "panel-right", run: () => page.views.tabs.update(name),
  }))
}

function enabled(id: string): boolean {
  return (document.getElementById(id) as HTMLButtonElement | null)?.disabled === false
}
