// The names of services and sessions on the page, as views/sidebar_model.go has them.

import { plural, say, tailAt, visible } from "../text"
import type { Service, Session } from "../wire"

const demoPrefix = "Demo · "

// demoEntries are the endpoints that the folder of the demo lists. The others are samples.
export const demoEntries = ["stream", "recognition", "echo", "big", "close"]

type Named = Pick<Service, "name" | "demo"> & { credential: { kind: string } }

// demoEntry returns the entry of the demo that a service is, until somebody renames it.
export function demoEntry({ demo, name, credential: { kind } }: Named): string {
  const isEntry = demoEntries.includes(demo) && name.startsWith(demoPrefix)
  return isEntry && (demo !== "echo" || kind === "none") ? demo : ""
}

// isSample reports whether a service of the demo is behind its menu.
export function isSample(service: Named): boolean {
  return service.demo !== "" && service.name.startsWith(demoPrefix) && demoEntry(service) === ""
}

// serviceName returns the name of a service on the page. Those of the demo have the page's
// words until somebody renames them.
export function serviceName({ demo, name, credential: { kind } }: Named): string {
  if (demo === "" || !name.startsWith(demoPrefix)) return visible(name)
  const word = say(`sidebar.demo.${demo}`)
  return demo === "echo" && kind !== "none" ? `${word} · ${say(`auth.kind.${kind}.chip`)}` : word
}

// credentialLabel names the credential of a service in few words; "" for none. The kind
// dialect says little about it, so the number of keys takes its place.
export function credentialLabel({ credential: { kind, secrets } }: Pick<Service, "credential">): string {
  const keys = Object.keys(secrets).length
  if (kind === "none" || kind === "dialect" && keys === 0) return ""
  return kind === "dialect" ? plural("sidebar.keys", keys) : say(`auth.kind.${kind}.chip`)
}

// isNamedByDemo reports whether a session has the name that the page gives a service of the
// demo.
export function isNamedByDemo({ name, serviceName }: Session): boolean {
  return name === "" && serviceName.startsWith(demoPrefix)
}

// sessionName takes the service of a session, when it is known.
export function sessionName(session: Session, service: Service | undefined): string {
  if (session.name) return visible(session.name)
  if (service?.demo && service.name === session.serviceName) return serviceName(service)
  return visible(session.serviceName || session.address)
}

const shortTail = 12 // characters of the longest end with two parts of the path

// splitAddress returns an address without its scheme and query in two parts: the second is
// the last part of its path, or the last two when they are short. It stays when the first
// is cut.
export function splitAddress(address: string): [head: string, tail: string] {
  const at = address.indexOf("://")
  const rest = (address.slice(at < 0 ? 0 : at + 3).split("?")[0] ?? "").replace(/\/$/, "")
  const cut = tailAt(rest, shortTail)
  if (cut <= 0) return [rest, ""]
  return [rest.slice(0, cut), rest.slice(cut)]
}

// initials abbreviates a name to at most two letters, as views.initials does.
export function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean)
  return words.slice(0, 2).map((word) => [...word][0]?.toUpperCase()).join("")
}
