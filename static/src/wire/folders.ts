// Calls about the services of the side list and their folders.

import { call, member, servicePath, sessionPath, type Result } from "./api"
import * as api from "./schema"
import { scalarsOf, type Scalars } from "./shape"
import { parseService, parseSession, type Service, type Session } from "./wire"

export type Folder = Scalars<api.components["schemas"]["Folder"]>

const parseFolder = scalarsOf<api.components["schemas"]["Folder"]>(api.folderScalars)

export function listServices(): Promise<Result<Service[]>> {
  return call("GET", "/api/services", member("services", parseService))
}

// changeService renames a service or moves it; omitted fields stay.
export function changeService(id: string, change: { name?: string; folder?: string }): Promise<Result<Service>> {
  return call("PATCH", servicePath(id), parseService, change)
}

// copyService saves a copy of a service under another name, with the secrets that the person
// may copy.
export async function copyService(id: string, name: string): Promise<Result<Service>> {
  const { ok, error } = await call("GET", servicePath(id), (value) => value as object)
  if (error) return { ok: null, error }
  return call("POST", "/api/services", parseService, { ...ok, name, copy_secrets_from: id })
}

export function listFolders(): Promise<Result<Folder[]>> {
  return call("GET", "/api/folders", member("folders", parseFolder))
}

export function makeFolder(name: string): Promise<Result<Folder>> {
  return call("POST", "/api/folders", parseFolder, { name })
}

export function renameFolder(folder: string, name: string): Promise<Result<Folder>> {
  return call("PATCH", folderPath(folder), parseFolder, { name })
}

// emptyFolder moves the services of a folder out of it.
export function emptyFolder(folder: string): Promise<Result<unknown>> {
  return call("DELETE", `${folderPath(folder)}/services`, (value) => value)
}

// deleteFolder deletes a folder; its services stay.
export function deleteFolder(folder: string): Promise<Result<unknown>> {
  return call("DELETE", folderPath(folder), (value) => value)
}

function folderPath(folder: string): string {
  return `/api/folders/${encodeURIComponent(folder)}`
}

// nameSession gives a session a name of its own; an empty one takes it away.
export function nameSession(id: string, name: string): Promise<Result<Session>> {
  return call("PUT", `${sessionPath(id)}/name`, parseSession, { name })
}

