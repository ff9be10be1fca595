// Checks a typed secret by what it says about itself: its length, its end, its project. What
// cannot be known is not said. Pure.

export type Verdict =
  | { tone: "good" | "bad"; says: "valid" | "expired"; untilUS: number; project: string }
  | { tone: "bad"; says: "spaces" | "prefix" | "not_token" | "short" | "region"; characters: number; project: string; region: string }
  | { tone: ""; says: "length"; characters: number }

const shortestToken = 500 // characters; a token of IAM has over 1,000
const margin = 60_000_000 // µs that a clock may be off

// checkSecret judges the secret of a field; null when there is nothing to say. nowUS is the time.
export function checkSecret(kind: string, field: string, typed: string, address: string, nowUS: number): Verdict | null {
  const value = typed.trim()
  const facts = { characters: value.length, project: "", region: "" }
  if (value === "") return null
  if (/^bearer\s/i.test(value) && field !== "password") return { tone: "bad", says: "prefix", ...facts }
  if (/\s/.test(value) && ["token", "key", "app_code", "app_key"].includes(field)) return { tone: "bad", says: "spaces", ...facts }
  if (field !== "token" && field !== "secrets.token" && field !== "key") return null
  const claims = value.startsWith("MII") ? ofIAM(value) : ofJWT(value)
  if (kind === "token") {
    if (!value.startsWith("MII") && !claims) return { tone: "bad", says: "not_token", ...facts }
    if (value.length < shortestToken && !claims) return { tone: "bad", says: "short", ...facts }
  }
  if (!claims) return { tone: "", says: "length", characters: value.length }
  const region = regionOf(address)
  if (claims.project !== "" && region !== "" && isRegion(claims.project) && baseOf(claims.project) !== region) return { tone: "bad", says: "region", ...facts, project: claims.project, region }
  const isOver = claims.untilUS < nowUS - margin
  return { tone: isOver ? "bad" : "good", says: isOver ? "expired" : "valid", untilUS: claims.untilUS, project: claims.project }
}

interface Claims {
  untilUS: number
  project: string // its name; "" when unknown
}

// ofIAM reads a token of OpenStack's PKI kind: a signed message in base64 with "-" for "/", in
// which the claims are JSON.
function ofIAM(value: string): Claims | null {
  const text = decoded(value.replaceAll("-", "/"))
  const until = /"expires_at"\s*:\s*"([^"]+)"/.exec(text)?.[1]
  const project = /"project"\s*:\s*\{(?:[^{}]|\{[^{}]*\})*?"name"\s*:\s*"([^"]{1,64})"(?:(?:[^{}]|\{[^{}]*\})*)\}/.exec(text)?.[1] ?? ""
  return until === undefined ? null : claimsOf(Date.parse(until) * 1000, named(text, project))
}

// named returns the project's own name: that of its domain may stand before it.
function named(text: string, first: string): string {
  const inner = /"project"\s*:\s*\{((?:[^{}]|\{[^{}]*\})*)\}/.exec(text)?.[1] ?? ""
  return /"name"\s*:\s*"([^"]{1,64})"/.exec(inner.replace(/\{[^{}]*\}/g, ""))?.[1] ?? first
}

function ofJWT(value: string): Claims | null {
  const [, body = ""] = /^eyJ[\w-]*\.(eyJ[\w-]+)\.[\w-]*$/.exec(value) ?? []
  if (body === "") return null
  try {
    const { exp } = JSON.parse(decoded(body.replaceAll("-", "+").replaceAll("_", "/"))) as { exp?: unknown }
    return typeof exp === "number" ? claimsOf(exp * 1_000_000, "") : null
  } catch {
    return null
  }
}

function claimsOf(untilUS: number, project: string): Claims | null {
  return Number.isFinite(untilUS) ? { untilUS, project } : null
}

function decoded(base64: string): string {
  try {
    return atob(base64.slice(0, base64.length - (base64.length % 4 === 1 ? 1 : 0)))
  } catch {
    return ""
  }
}

// regionOf returns the region in a host of Huawei Cloud; "" for others.
export function regionOf(address: string): string {
  return /^\w+:\/\/[^/?]*?\b((?:cn|ap|eu|af|la|na|sa|my|ru|me|ae|tr)-[a-z]+-\d+)[.\w-]*\.(?:modelarts-infer\.com|myhuaweicloud\.(?:com|eu)|huaweicloud[\w-]*\.com)(?=[:/?]|$)/i.exec(address)?.[1]?.toLowerCase() ?? ""
}

// Projects have the name of their region, or begin with it: "cn-north-4_team".
function isRegion(project: string): boolean {
  return /^[a-z]{2}-[a-z]+-\d+(_|$)/.test(project)
}

function baseOf(project: string): string {
  return project.split("_")[0] ?? ""
}
