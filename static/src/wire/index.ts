// The protocol with the server: HTTP calls, the socket of a session, and their shapes.

export { bindSecret, bodyURL, changeSaved, closeSession, deleteSaved, deleteService, deleteSession, exportURL, handOver, listSaved, listSessions, makeToken, onUnknown, openSession, pinSession, readBlob, readRows, readSaved, readService, readSession, revokeToken, saveMessage, saveService, searchSessions, shareSession, signOut, signOutPerson, uploadMessage, type Result, type RowQuery, type SessionSearch } from "./api"
export { maxRows, searchBudget } from "./budget"
export { eventNameValues as eventNames, opcodeValues as opcodes } from "./schema"
export { Attachment } from "./socket"
export { emptyRow, parseBoot, parseError, type Amount, type Boot, type ClientCertificate, type Diagnosis, type FoundSession, type Handshake, type Kind, type KindField, type MessageType, type Pair, type Parameter, type Rights, type Row, type RowPage, type SavedMessage, type SecretInfo, type Service, type Session, type Setting, type SettingValues, type Viewer, type WireError } from "./wire"
