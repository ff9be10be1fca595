// The protocol with the server: HTTP calls, the socket of a session, and their shapes.

export { ask, audioURL, bindSecret, bodyURL, changeSaved, chooseDialect, closeSession, countDays, deleteDialect, deleteEnvironment, deleteSaved, deleteService, deleteSession, exportURL, handOver, historyExportURL, listDialects, listEnvironments, listHistory, listSaved, listSessions, makeToken, onUnknown, pinSession, planDeletion, playAudio, readBlob, readDialect, readRows, readSaved, readService, readSession, readTurns, resolve, revokeToken, saveDialect, saveEnvironment, saveMessage, saveService, searchSessions, shareSession, signOut, signOutPerson, stopAudio, undoDeletion, uploadMessage, type Result, type RowQuery, type SessionFilter, type SessionSearch } from "./api"
export { openSession, testConnection } from "./live"
export { clipURL, pauseAudio, readGrowth, readLevels } from "./api"
export { readSeries, type SeriesQuery } from "./api"
export { maxRows, searchBudget, maxExported } from "./budget"
export { eventNameValues as eventNames, opcodeValues as opcodes } from "./schema"
export { mostPoints, type Series, type TurnFigures } from "./series"
export { Attachment } from "./socket"
export type { Dialect, DialectProblem, DialectSecret, DialectSend, DialectSummary, DialectVar, Environment, EnvironmentBody, Resolved, SealedValue } from "./dialects"
export { type AudioFormat, type Limits, type Playing, type Segment, type Stream, type Turn, type TurnUpdate } from "./turns"
export { type Growth, type Levels, type Speaks, type ToolCall, type TurnStream } from "./turns"
export { emptyRow, parseBoot, parseError, type Amount, type Boot, type ClientCertificate, type DialPhase, type Diagnosis, type DiagnosisFact, type FoundSession, type Handshake, type Kind, type KindField, type MessageType, type Pair, type Parameter, type Rights, type Row, type RowPage, type SavedMessage, type SecretInfo, type Service, type Session, type Setting, type SettingValues, type TestResult, type Viewer, type WireError, type Days, type Deletion, type FoundTurn } from "./wire"
