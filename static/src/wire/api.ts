// HTTP calls to the server. Errors are values: each call resolves with {ok} or {error}.

import { say } from "../text"
import type { operations } from "./schema"
import { parseDialect, parseDialectSummary, parseEnvironment, parseProblems, parseResolved, type Dialect, type DialectProblem, type DialectSummary, type Environment, type EnvironmentBody, type Resolved } from "./dialects"
import { parseSeries, type Series } from "./series"
import { parseGrowth, parseLevels, parsePiece, parsePlaying, parseTurn, type Growth, type Levels, type Piece, type Playing, type Stream, type Turn } from "./turns"
import { fields, number, parseList } from "./values"
import { parseError, parseLabelPage, parseRowPage, parseSavedMessage, parseSearchPage, parseSeq, parseService, parseSession, type LabelPage, type MessageType, type Rights, type RowPage, type SavedMessage, type SearchPage, type Service, type Session, type WireError, parseDays, parseDeletion, type Days, type Deletion } from "./wire"

export type Result<T> = { ok: T; error: null } | { ok: null; error: WireError }

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE"

// unknown runs when the server, or a proxy in front of it, rejects the sign-in.
let unknown: () => void = () => undefined

export function onUnknown(run: () => void): void {
  unknown = run
}

// Streamed is an answer whose body has not been read.
export type Streamed = { response: Response; error: null } | { response: null; error: WireError }

// stream asks for server-sent events. An error of the server before the first is a value, as
// in call.
export async function stream(path: string, body: object, signal: AbortSignal): Promise<Streamed> {
  let response: Response
  try {
    response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json", Accept: "text/event-stream" }, body: JSON.stringify(body), redirect: "manual", signal })
  } catch {
    return { response: null, error: unreachable() }
  }
  if (response.status === 401 || response.type === "opaqueredirect") unknown()
  if (response.ok) return { response, error: null }
  return { response: null, error: errorIn(await response.json().catch(() => null), response.status) }
}

// unreachable is the error of a request that got no answer.
export function unreachable(): WireError {
  return parseError({ code: "unreachable", message: say("page.error.unreachable") })
}

export async function call<T>(method: Method, path: string, parse: (value: unknown) => T, body?: unknown, signal?: AbortSignal, refused?: (error: Record<string, unknown>) => void): Promise<Result<T>> {
  const isBytes = body instanceof Blob
  const headers: HeadersInit = body === undefined ? { Accept: "application/json" } : { "Content-Type": isBytes ? body.type || "application/octet-stream" : "application/json" }
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? null : isBytes ? body : JSON.stringify(body),
      redirect: "manual", // only a proxy that wants a sign-in redirects
      signal: signal ?? null,
    })
  } catch {
    return { ok: null, error: unreachable() }
  }
  if (response.status === 401 || response.type === "opaqueredirect") unknown()
  const value: unknown = await response.json().catch(() => null)
  if (response.ok) return { ok: parse(value), error: null }
  const inner = innerError(value)
  if (inner) refused?.(inner)
  return { ok: null, error: errorIn(value, response.status) }
}

function innerError(value: unknown): Record<string, unknown> | null {
  const inner = typeof value === "object" && value !== null && "error" in value ? value.error : null
  return typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : null
}

function errorIn(value: unknown, status: number): WireError {
  const error = parseError(innerError(value))
  if (!error.message) error.message = status ? say("page.error.status", { status }) : say("identity.lease.ended")
  return error
}

export function member<T>(name: string, parse: (item: unknown) => T): (value: unknown) => T[] {
  return (value) => {
    const items = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : null
    return Array.isArray(items) ? items.map(parse) : []
  }
}

function text(name: string): (value: unknown) => string {
  return (value) => {
    const item = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : null
    return typeof item === "string" ? item : ""
  }
}

// bindSecret sets the targets that a stored secret may be sent to.
export function bindSecret(service: string, field: string, binding: { targets: string[]; tls: boolean }): Promise<Result<Service>> {
  return call("PUT", `/api/services/${encodeURIComponent(service)}/secrets/${encodeURIComponent(field)}`, parseService, binding)
}

export function readSession(id: string): Promise<Result<Session>> {
  return call("GET", sessionPath(id), parseSession)
}

// listSessions reads the newest sessions and all running ones.
export function listSessions(limit: number): Promise<Result<Session[]>> {
  return call("GET", `/api/sessions?limit=${limit}&with_running=1`, member("sessions", parseSession))
}

export function closeSession(id: string): Promise<Result<unknown>> {
  return call("POST", `${sessionPath(id)}/close`, (value) => value, { code: 1000, reason: "" })
}

// shareSession sets the access of others; omitted fields stay.
export function shareSession(id: string, access: { shared?: boolean; rights?: Rights }): Promise<Result<Session>> {
  return call("PUT", `${sessionPath(id)}/access`, parseSession, access)
}

// handOver makes another viewer the owner.
export function handOver(id: string, viewer: string): Promise<Result<Session>> {
  return call("POST", `${sessionPath(id)}/owner`, parseSession, { viewer })
}

// pinSession exempts a session from retention, or ends the exemption.
export function pinSession(id: string, pinned: boolean): Promise<Result<Session>> {
  return call("PUT", `${sessionPath(id)}/pin`, parseSession, { pinned })
}

// The filters of a list of sessions, as its form has them.
export interface SessionFilter {
  service?: string
  state?: string
  by?: string
  from_us?: number
  to_us?: number
}

// listHistory reads sessions of the history, newest first, after the one with the id before.
export function listHistory(filter: SessionFilter, before: string, limit: number, signal: AbortSignal): Promise<Result<Session[]>> {
  return call("GET", `/api/sessions?${queryOf({ ...filter, before, limit })}`, member("sessions", parseSession), undefined, signal)
}

// countDays counts sessions by the days of a time zone.
export function countDays(filter: SessionFilter, zone: string, signal: AbortSignal): Promise<Result<Days>> {
  return call("GET", `/api/history/days?${queryOf({ ...filter, zone })}`, parseDays, undefined, signal)
}

// planDeletion deletes sessions after a wait in which undoDeletion drops it.
export function planDeletion(sessions: readonly string[]): Promise<Result<Deletion>> {
  return call("POST", "/api/history/deletions", parseDeletion, { sessions })
}

export function undoDeletion(id: string): Promise<Result<unknown>> {
  return call("DELETE", `/api/history/deletions/${encodeURIComponent(id)}`, () => null)
}

// historyExportURL is the address of one file with several sessions.
export function historyExportURL(sessions: readonly string[], format: string): string {
  const query = new URLSearchParams({ format })
  for (const id of sessions) query.append("session", id)
  return `/api/history/export?${query}`
}

// The words that a form's menus give are texts to the page.
export type SessionSearch = Omit<operations["searchMessages"]["parameters"]["query"], "state"> & { state?: string }

export function searchSessions(query: SessionSearch, signal: AbortSignal): Promise<Result<SearchPage>> {
  return call("GET", `/api/search?${queryOf(query)}`, parseSearchPage, undefined, signal)
}

// makeToken resolves with the token, which the server never shows again.
export function makeToken(body: object): Promise<Result<string>> {
  return call("POST", "/api/tokens", text("token"), body)
}

export function revokeToken(id: string): Promise<Result<unknown>> {
  return call("DELETE", `/api/tokens/${encodeURIComponent(id)}`, () => null)
}

export function readService(id: string): Promise<Result<Service>> {
  return call("GET", servicePath(id), parseService)
}

export function saveService(id: string, body: object): Promise<Result<Service>> {
  return id ? call("PUT", servicePath(id), parseService, body) : call("POST", "/api/services", parseService, body)
}

export function deleteService(id: string): Promise<Result<unknown>> {
  return call("DELETE", servicePath(id), (value) => value)
}

// signOut resolves with the address of the next page.
export function signOut(everywhere: boolean): Promise<Result<string>> {
  const parse = (value: unknown) => {
    const location = (value as { location?: unknown } | null)?.location
    return typeof location === "string" ? location : "/"
  }
  return call("POST", "/api/sign-out", parse, { everywhere })
}

export function signOutPerson(person: string): Promise<Result<unknown>> {
  return call("POST", "/api/people/sign-out", (value) => value, { person })
}

export function listSaved(service: string): Promise<Result<SavedMessage[]>> {
  return call("GET", `${servicePath(service)}/messages`, member("messages", parseSavedMessage))
}

// Kept holds name, folder and type of a saved message.
export interface Kept {
  name: string
  folder: string
  type: MessageType
}

// saveMessage saves a new message when id is "".
export function saveMessage(service: string, id: string, kept: Kept, body: Blob, signal: AbortSignal): Promise<Result<SavedMessage>> {
  const query = new URLSearchParams({ ...kept })
  const [method, path] = id === "" ? (["POST", ""] as const) : (["PUT", `/${encodeURIComponent(id)}`] as const)
  return call(method, `${servicePath(service)}/messages${path}?${query}`, parseSavedMessage, body, signal)
}

export function changeSaved(service: string, id: string, change: { name?: string; folder?: string; position?: number }): Promise<Result<SavedMessage>> {
  return call("PATCH", savedPath(service, id), parseSavedMessage, change)
}

export function deleteSaved(service: string, id: string): Promise<Result<unknown>> {
  return call("DELETE", savedPath(service, id), (value) => value)
}

// readSaved fetches the bytes of a saved message.
export function readSaved(service: string, id: string): Promise<Blob> {
  return readBlob(`${savedPath(service, id)}/body`)
}

export type RowQuery = Omit<NonNullable<operations["listMessages"]["parameters"]["query"]>, "direction" | "opcode"> & { limit: number; direction?: string; opcode?: string }

export function readRows(id: string, query: RowQuery, signal?: AbortSignal): Promise<Result<RowPage>> {
  return call("GET", `${sessionPath(id)}/messages?${queryOf(query)}`, parseRowPage, undefined, signal)
}

// readLabels counts the labels of the messages after a seq.
export function readLabels(id: string, after: number, signal?: AbortSignal): Promise<Result<LabelPage>> {
  return call("GET", `${sessionPath(id)}/labels?after=${after}&budget_ms=200`, parseLabelPage, undefined, signal)
}

function queryOf(values: object): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (Array.isArray(value)) for (const item of value) query.append(name, String(item))
    else if (value !== undefined && value !== false && value !== "") query.set(name, String(value))
  }
  return query
}

// ask sends a text as the dialect of a session says. It resolves when the answer has ended.
export function ask(id: string, text: string, clientID: string): Promise<Result<unknown>> {
  return call("POST", `${sessionPath(id)}/ask`, () => null, { text, client_id: clientID })
}

// TurnPage is a part of the turns of a session; last is the number of the newest.
export interface TurnPage {
  turns: Turn[]
  last: number
}

// readTurns reads turns of a session: at most limit, the newest of those before a number, 0
// for no bound. A dialect other than the session's may read them; "" is the generic reading.
export function readTurns(id: string, { before = 0, limit = 0, dialect }: { before?: number; limit?: number; dialect?: string }, signal?: AbortSignal): Promise<Result<TurnPage>> {
  const by = dialect === undefined ? "" : `&dialect=${encodeURIComponent(dialect)}`
  return call("GET", `${sessionPath(id)}/turns?before=${before}&limit=${limit}${by}`, (value) => {
    const f = fields<TurnPage>(value)
    return { turns: parseList(f.turns, parseTurn), last: number(f.last) }
  }, undefined, signal)
}

// readPieces reads which messages brought the parts of a turn's text.
export function readPieces(id: string, n: number, stream: Stream, signal?: AbortSignal): Promise<Result<Piece[]>> {
  return call("GET", `${sessionPath(id)}/turns/${n}/pieces?stream=${stream}`, member("pieces", parsePiece), undefined, signal)
}

// stopAnswer asks the service to stop the answer under way.
export function stopAnswer(id: string): Promise<Result<null>> {
  return call("POST", `${sessionPath(id)}/answer/stop`, () => null)
}

// SeriesQuery selects a part of a session, in µs since 1970; left out, it is the whole.
export type SeriesQuery = NonNullable<operations["readSeries"]["parameters"]["query"]>

// readSeries reads the course of a session in steps.
export function readSeries(id: string, query: SeriesQuery, signal?: AbortSignal): Promise<Result<Series>> {
  return call("GET", `${sessionPath(id)}/series?${queryOf(query)}`, parseSeries, undefined, signal)
}

// audioURL is the address of the sound of one side of a turn; a live one comes as it arrives.
export function audioURL(id: string, n: number, stream: Stream, isLive: boolean): string {
  return `${sessionPath(id)}/turns/${n}/audio?stream=${stream}${isLive ? "&follow=1" : ""}`
}

// Clip is a part of a sound: times in ms count from the audio of a message; to 0 is the end.
export interface Clip {
  seq: number
  from: number
  to: number
}

// clipURL is the address of a part of the sound of one side of a turn.
export function clipURL(id: string, n: number, stream: Stream, { seq, from, to }: Clip): string {
  return `${audioURL(id, n, stream, false)}&from_seq=${seq}&from_ms=${Math.max(0, Math.floor(from))}&to_ms=${Math.max(0, Math.ceil(to))}`
}

// readLevels reads how loud the next frames of one side of a turn are.
export function readLevels(id: string, n: number, stream: Stream, after: number, signal?: AbortSignal): Promise<Result<Levels>> {
  return call("GET", `${sessionPath(id)}/turns/${n}/levels?stream=${stream}&after=${after}`, parseLevels, undefined, signal)
}

// readGrowth reads how the text of a sentence came; firstSeq 0 is the whole text of the turn.
export function readGrowth(id: string, n: number, stream: Stream, firstSeq: number, signal?: AbortSignal): Promise<Result<Growth>> {
  return call("GET", `${sessionPath(id)}/turns/${n}/growth?stream=${stream}&first_seq=${firstSeq}`, parseGrowth, undefined, signal)
}

// pauseAudio pauses the speech that is being sent, or goes on.
export function pauseAudio(id: string, paused: boolean): Promise<Result<Playing>> {
  return call("PATCH", `${sessionPath(id)}/audio`, parsePlaying, { paused })
}

// playAudio sends a WAV to the target at a pace; 0 is as fast as the target takes it. It
// resolves with the id of the speech.
export function playAudio(id: string, file: Blob, pace: number, signal: AbortSignal): Promise<Result<string>> {
  return call("POST", `${sessionPath(id)}/audio?pace=${pace}`, text("id"), file.slice(0, file.size, "audio/wav"), signal)
}

// stopAudio ends the speech that is being sent.
export function stopAudio(id: string): Promise<Result<unknown>> {
  return call("DELETE", `${sessionPath(id)}/audio`, () => null)
}

// chooseDialect reads a session by another dialect from now on; "" is none.
export function chooseDialect(id: string, dialect: string): Promise<Result<Session>> {
  return call("PUT", `${sessionPath(id)}/dialect`, parseSession, { dialect })
}

// listDialects lists all dialects; those that know the address are marked.
export function listDialects(address: string): Promise<Result<DialectSummary[]>> {
  return call("GET", `/api/dialects?${new URLSearchParams({ address })}`, member("dialects", parseDialectSummary))
}

export function readDialect(name: string): Promise<Result<Dialect>> {
  return call("GET", dialectPath(name), parseDialect)
}

// saveDialect saves an own dialect, a new one when name is "". Mistakes in it are listed.
export async function saveDialect(name: string, yaml: string): Promise<Result<Dialect> & { problems: DialectProblem[] }> {
  const body = new Blob([yaml], { type: "application/yaml" })
  const [method, path] = name === "" ? (["POST", "/api/dialects"] as const) : (["PUT", dialectPath(name)] as const)
  let problems: DialectProblem[] = []
  const result = await call(method, path, parseDialect, body, undefined, (refused) => {
    problems = parseProblems(refused.problems)
  })
  return { ...result, problems }
}

export function deleteDialect(name: string): Promise<Result<unknown>> {
  return call("DELETE", dialectPath(name), () => null)
}

export function listEnvironments(): Promise<Result<Environment[]>> {
  return call("GET", "/api/environments", member("environments", parseEnvironment))
}

// saveEnvironment replaces an environment, or makes a new one when name is "".
export function saveEnvironment(name: string, body: EnvironmentBody): Promise<Result<Environment>> {
  return name ? call("PUT", `/api/environments/${encodeURIComponent(name)}`, parseEnvironment, body) : call("POST", "/api/environments", parseEnvironment, body)
}

// resolve shows the handshake that a request to open a session would send.
export function resolve(body: object): Promise<Result<Resolved>> {
  return call("POST", "/api/resolve", parseResolved, body)
}

export function deleteEnvironment(name: string): Promise<Result<unknown>> {
  return call("DELETE", `/api/environments/${encodeURIComponent(name)}`, () => null)
}

export function bodyURL(id: string, seq: number): string {
  return `${sessionPath(id)}/messages/${seq}`
}

export function exportURL(id: string, format: string): string {
  return `${sessionPath(id)}/export?format=${format}`
}

// readBlob fetches bytes as a Blob, which the browser may keep on disk.
export async function readBlob(path: string): Promise<Blob> {
  const response = await fetch(path).catch(() => null)
  if (!response) throw new Error(say("page.error.unreachable"))
  if (!response.ok) throw new Error(errorIn(await response.json().catch(() => null), response.status).message)
  return response.blob()
}

export interface Upload {
  opcode: string
  clientID: string
  body: Blob
  progress(sent: number, total: number): void
  signal: AbortSignal
}

// uploadMessage sends one message by HTTP and resolves with its seq. It uses
// XMLHttpRequest, since fetch reports no progress.
export function uploadMessage(id: string, { opcode, clientID, body, progress, signal }: Upload): Promise<number> {
  const request = new XMLHttpRequest()
  const query = new URLSearchParams({ opcode, client_id: clientID })
  request.open("POST", `${sessionPath(id)}/messages?${query}`)
  request.setRequestHeader("Content-Type", "application/octet-stream")
  request.upload.onprogress = (event) => progress(event.loaded, event.total)
  signal.addEventListener("abort", () => request.abort(), { once: true })
  return new Promise((resolve, reject) => {
    request.onload = () => {
      if (request.status === 401) unknown()
      const answer = parsed(request.responseText)
      if (request.status < 300) resolve(parseSeq(answer))
      else reject(new Error(errorIn(answer, request.status).message))
    }
    request.onerror = () => reject(new Error(say("page.error.unreachable")))
    request.onabort = () => reject(signal.reason)
    request.send(body)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export function sessionPath(id: string): string {
  return `/api/sessions/${encodeURIComponent(id)}`
}

function dialectPath(name: string): string {
  return `/api/dialects/${encodeURIComponent(name)}`
}

function savedPath(service: string, id: string): string {
  return `${servicePath(service)}/messages/${encodeURIComponent(id)}`
}

export function servicePath(id: string): string {
  return `/api/services/${encodeURIComponent(id)}`
}
