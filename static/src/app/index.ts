// Starts a page: the side list and the theme on each, the console where there is one.

import { Console, watchStore } from "../console"
import { finishBeside, lease, may, startAccount, startTokens } from "../identity"
import { nthSession, sessionLinks, Sidebar } from "../sidebar"
import { say } from "../text"
import { setIcon, showShortcuts, startMenus, type Command } from "../ui"
import { onUnknown, parseBoot } from "../wire"
import { choices, startLanguages } from "./language"
import { localTimes } from "./times"
import { startShortcuts } from "./shortcuts"
import { setTheme, theme, themes, type Theme } from "./theme"

const pictures: Record<Theme, string> = { auto: "monitor", light: "sun", dark: "moon" }

const { signal } = new AbortController() // never aborts: these listeners live as long as the page

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
const boot = document.getElementById("boot")
const page = boot ? new Console(parseBoot(JSON.parse(boot.textContent ?? "null"))) : null
if (!page && document.getElementById("sessions")) new Sidebar()
startLanguages(() => page?.keepDrafts() ?? true, signal)
startShortcuts({
  focusAddress: () => page?.focusAddress(),
  focusSearch: () => (page ? page.focusSearch() : document.querySelector<HTMLElement>("#history-form [name=q]")?.focus()),
  askWhere: () => page?.askWhere(),
  goToSession: (n) => goTo(nthSession(n)),
  save: () => void page?.service.save(),
  commands,
}, signal)
startTokens(signal)
localTimes()
const past = document.querySelector<HTMLElement>("[data-testid=history]")
if (past) void import("../history").then(({ HistoryPage }) => {
  new HistoryPage(past)
  past.dataset.ready = "1"
})

function commands(): Command[] {
  const go = (key: string, href: string) => ({ name: say(key), run: () => location.assign(href) })
  const out: Command[] = []
  if (page && may("member")) {
    if (!page.isLive) out.push({ name: say("page.connect"), run: () => void page.connect() })
    else out.push({ name: say("page.disconnect"), danger: true, run: () => void page.disconnect() })
    out.push({ name: say("page.save"), run: () => void page.service.save() })
    out.push({ name: say("page.save_as"), run: () => void page.service.saveAsNew() })
    if (enabled("revert")) out.push({ name: say("page.revert"), danger: true, run: () => void page.service.revert() })
    if (enabled("delete")) out.push({ name: say("page.delete"), danger: true, run: () => void page.service.remove() })
    out.push({ name: say("saved.keep_command"), run: () => void page.messages.keepWritten() })
    out.push({ name: say("saved.title"), run: () => page.showSaved() })
  }
  if (page) {
    for (const name of ["turns", "messages", "timing", "params", "headers", "auth", "settings"]) {
      out.push({ name: say("page.command.tab", { tab: say(`page.tab.${name}`) }), run: () => page.views.tabs.update(name) })
    }
  }
  out.push(go("page.service.new", "/services/new"), go("page.history", "/history"), go("identity.account", "/account"))
  if (may("admin")) out.push(go("page.audit", "/audit"), go("page.settings", "/settings"))
  for (const name of themes) out.push({ name: say("page.command.theme", { theme: say(`page.theme.${name}`) }), run: () => choose(name) })
  for (const { name, run } of choices()) out.push({ name: say("page.command.language", { language: name }), run })
  for (const link of sessionLinks()) {
    const { state = "", opened = "" } = link.dataset
    const name = link.querySelector(".name")?.textContent ?? ""
    out.push({ name: say("sessions.command", { name, time: opened, state: say(`page.state.${state}`) }), run: () => goTo(link.href) })
  }
  for (const link of document.querySelectorAll<HTMLAnchorElement>("#services a")) {
    const name = link.querySelector(".name")?.textContent ?? ""
    out.push({ name: say("page.command.service", { name }), run: () => location.assign(link.href) })
  }
  return out
}

function enabled(id: string): boolean {
  return (document.getElementById(id) as HTMLButtonElement | null)?.disabled === false
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
