// The frame of every page: the side list, the theme, shortcuts, the palette. A page with a
// script of its own hands it in.

import type { Console } from "../console"
import { watchStore } from "../console/store"
import { finishBeside, lease, may, startAccount, startTokens } from "../identity"
import { nthSession, Sidebar } from "../sidebar"
import type { StartPage } from "../start"
import { say } from "../text"
import { setIcon, showCommands, showShortcuts, startMenus } from "../ui"
import { unsavedDrafts } from "../visit"
import { onUnknown } from "../wire"
import { listCommands } from "./commands"
import { choices, startLanguages } from "./language"
import { localFields, localTimes } from "./times"
import { startShortcuts } from "./shortcuts"
import { setTheme, theme, themes, type Theme } from "./theme"

const connectKey = "duplex.connect" // in sessionStorage: the page to connect at
const pictures: Record<Theme, string> = { auto: "monitor", light: "sun", dark: "moon" }

const { signal } = new AbortController() // never aborts: these listeners live as long as the page

// Opened is the part of a page that is its own.
export interface Opened {
  console?: Console
  start?: StartPage
}

// boot reads the data that the server has put into a page for its script; null for none.
export function boot(id: string): unknown {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null")
}

// startFrame starts a page. A page without a side list, as that of a sign-in, has nothing to
// open.
export function startFrame(open: (sidebar: Sidebar) => Opened = () => ({})): void {
  localTimes()
  startMenus(signal)
  startTheme(signal)
  startComposerChoice(signal)
  startAccount(signal)
  watchStore(signal)
  if (document.getElementById("lease")) {
    onUnknown(() => void lease.renewLease())
    lease.start(signal)
  }
  if (document.querySelector("[data-notice=signed_in]")) finishBeside()
  document.getElementById("help")?.addEventListener("click", showShortcuts, { signal })
  const opened: Opened = {}
  const connect = (path: string) => connectAt(path, opened.console)
  const sidebar = document.getElementById("sidebar")
    ? new Sidebar({ may: may("member"), drafts: unsavedDrafts, renamed: (service) => opened.console?.renamed(service), named: () => opened.console?.named(), connect })
    : null
  if (sidebar) Object.assign(opened, open(sidebar))
  const { console: page, start: first } = opened
  connectAsAsked(page)
  startLanguages(() => (first ?? page)?.keepDrafts() ?? true, signal)
  const showPalette = () => showCommands(
    () => listCommands({ page: page ?? null, sidebar, themes: themes.map((name) => ({ name, run: () => choose(name) })), languages: choices(), goTo }),
    sidebar?.load() ?? Promise.resolve(),
  )
  startShortcuts({
    focusAddress: () => (first ?? page)?.focusAddress(),
    focusSearch: () => (page ? page.focusSearch() : document.querySelector<HTMLElement>("#history-form [name=q]")?.focus()),
    askWhere: () => page?.askWhere(),
    goToSession: (n) => goTo(nthSession(n)),
    save: () => (first ? first.save() : void page?.service.save()),
    showCommands: showPalette,
  }, signal)
  document.getElementById("palette")?.addEventListener("click", showPalette, { signal })
  startTokens(signal)
  localFields(signal)
}

// connectAt goes to a page and connects there, once.
function connectAt(path: string, page: Console | undefined): void {
  if (page && location.pathname === path) return void page.connect()
  sessionStorage.setItem(connectKey, path)
  location.assign(path)
}

// connectAsAsked connects where another page asked for it.
function connectAsAsked(page: Console | undefined): void {
  const path = sessionStorage.getItem(connectKey)
  sessionStorage.removeItem(connectKey)
  if (page && path === location.pathname) void page.connect()
}

// goTo opens a page unless it is open already.
function goTo(href: string | null): void {
  if (href && new URL(href, location.href).pathname !== location.pathname) location.assign(href)
}

function startTheme(signal: AbortSignal): void {
  document.getElementById("theme")?.addEventListener("click", () => {
    choose(themes[(themes.indexOf(theme()) + 1) % themes.length] ?? "auto")
  }, { signal })
  document.getElementById("theme-choice")?.addEventListener("change", (event) => {
    const value = (event.target as HTMLInputElement).value
    choose(themes.find((name) => name === value) ?? "auto")
  }, { signal })
  choose(theme())
}

function choose(name: Theme): void {
  setTheme(name)
  const button = document.getElementById("theme")
  const label = say("page.theme.is", { theme: say(`page.theme.${name}`) })
  button?.setAttribute("aria-label", label)
  button?.setAttribute("title", label)
  const svg = button?.querySelector("svg")
  if (svg) setIcon(svg, pictures[name])
  const radio = document.querySelector<HTMLInputElement>(`#theme-choice [value="${name}"]`)
  if (radio) radio.checked = true
}

// startComposerChoice keeps the place of the composer, which the console reads.
function startComposerChoice(signal: AbortSignal): void {
  const choice = document.getElementById("composer-choice")
  const kept = localStorage.getItem("duplex.composer") === "top" ? "top" : "bottom"
  const radio = choice?.querySelector<HTMLInputElement>(`[value=${kept}]`)
  if (radio) radio.checked = true
  choice?.addEventListener("change", (event) => localStorage.setItem("duplex.composer", (event.target as HTMLInputElement).value), { signal })
}
