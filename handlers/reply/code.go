package reply

import (
	"maps"
	"net/http"
	"slices"

	"github.com/coder/websocket"
)

// Code is a stable name of an error. Its sentence is "error.<code>" in the catalogue.
type Code string

// The error codes. Each has a row in outcomes.
//
//nolint:gosec // names of errors, which hold no credentials
const (
	CodeBadJSON                Code = "bad_json"
	CodeBadValue               Code = "bad_value"
	CodeBadName                Code = "bad_name"
	CodeMissingField           Code = "missing_field"
	CodeMissingSecret          Code = "missing_secret"
	CodeBadEvent               Code = "bad_event"
	CodeBadOrigin              Code = "bad_origin"
	CodeBadPath                Code = "bad_path"
	CodeBadSearch              Code = "bad_search"
	CodeSearchTooLong          Code = "search_too_long"
	CodeBadCloseCode           Code = "bad_close_code"
	CodeBadCloseReason         Code = "bad_close_reason"
	CodeInvalidUTF8            Code = "invalid_utf8"
	CodeSubprotocolRequired    Code = "subprotocol_required"
	CodeAddressRefused         Code = "address_refused"
	CodeClientCertRefused      Code = "client_cert_refused"
	CodeHeaderForbidden        Code = "header_forbidden"
	CodeHeaderBadName          Code = "header_bad_name"
	CodeHeaderBadValue         Code = "header_bad_value"
	CodeHeaderTooLong          Code = "header_too_long"
	CodeHeaderTooMany          Code = "header_too_many"
	CodeCredentialKindUnknown  Code = "credential_kind_unknown"
	CodeCredentialFieldUnknown Code = "credential_field_unknown"
	CodeHeaderConflict         Code = "header_conflict"
	CodeQueryConflict          Code = "query_conflict"
	CodePathAmbiguous          Code = "path_ambiguous"
	CodeQueryAmbiguous         Code = "query_ambiguous"
	CodeOriginRefused          Code = "origin_refused"
	CodeTicketRequired         Code = "ticket_required"
	CodeTicketRefused          Code = "ticket_refused"
	CodeTooManyTickets         Code = "too_many_tickets"
	CodeCrossOriginRefused     Code = "cross_origin_refused"
	CodePeerRefused            Code = "peer_refused"
	CodeForwardedRefused       Code = "forwarded_refused"
	CodeProxyRefused           Code = "proxy_refused"
	CodeIdentityAmbiguous      Code = "identity_ambiguous"
	CodeSignInStale            Code = "sign_in_stale"
	CodeSignInRequired         Code = "sign_in_required"
	CodeTokenRefused           Code = "token_refused"
	CodeSignedOut              Code = "signed_out"
	CodeLeaseEnded             Code = "lease_ended"
	CodeSignInRefused          Code = "sign_in_refused"
	CodeNoRole                 Code = "no_role"
	CodeRoleRequired           Code = "role_required"
	CodeScopeRequired          Code = "scope_required"
	CodeNoTokens               Code = "no_tokens"
	CodeTooManyTokens          Code = "too_many_tokens"
	CodeTokenNotFound          Code = "token_not_found"
	CodeProviderUnreachable    Code = "provider_unreachable"
	CodeTargetBlocked          Code = "target_blocked"
	CodeNotFound               Code = "not_found"
	CodeServiceNotFound        Code = "service_not_found"
	CodeSessionNotFound        Code = "session_not_found"
	CodeMessageNotFound        Code = "message_not_found"
	CodeSavedNotFound          Code = "saved_not_found"
	CodeMethodNotAllowed       Code = "method_not_allowed"
	CodeNameTaken              Code = "name_taken"
	CodeSessionRunning         Code = "session_running"
	CodeViewerGone             Code = "viewer_gone"
	CodeOwnerRequired          Code = "owner_required"
	CodeWatchOnly              Code = "watch_only"
	CodeViewerCannotOwn        Code = "viewer_cannot_own"
	CodeAccessEnded            Code = "access_ended"
	CodeSessionClosed          Code = "session_closed"
	CodeSavedFull              Code = "saved_full"
	CodeMessageTooLarge        Code = "message_too_large"
	CodeSavedTooLarge          Code = "saved_too_large"
	CodeRequestTooLarge        Code = "request_too_large"
	CodeUnsupportedMediaType   Code = "unsupported_media_type"
	CodeHostRefused            Code = "host_refused"
	CodeUpgradeRequired        Code = "upgrade_required"
	CodeUploadTooSlow          Code = "upload_too_slow"
	CodeTooManyServices        Code = "too_many_services"
	CodeServicesTooLarge       Code = "services_too_large"
	CodeSavedTooManyBytes      Code = "saved_too_many_bytes"
	CodeTooManyOpen            Code = "too_many_open"
	CodeTooManyViewers         Code = "too_many_viewers"
	CodeTooManyBytes           Code = "too_many_bytes"
	CodeTooManyDials           Code = "too_many_dials"
	CodeTooManyDialsToTarget   Code = "too_many_dials_to_target"
	CodeInternal               Code = "internal"
	CodeKeyMissing             Code = "key_missing"
	CodeCredentialRefused      Code = "credential_refused"
	CodeHandshakeRefused       Code = "handshake_refused"
	CodeTargetUnreachable      Code = "target_unreachable"
	CodeSendFailed             Code = "send_failed"
	CodeDraining               Code = "draining"
	CodeStoreUnavailable       Code = "store_unavailable"
	CodeAssetsNotBuilt         Code = "assets_not_built"
	CodeSecretTooShort         Code = "secret_too_short"
	CodeSecretNotForTarget     Code = "secret_not_for_target"
	CodeSecretNeedsVerifiedTLS Code = "secret_needs_verified_tls"
	CodeSecretNeedsSavedCA     Code = "secret_needs_saved_ca"
	CodeNotSecretOwner         Code = "not_secret_owner"
	CodeSkipVerifyRefused      Code = "skip_verify_refused"
	CodeSecretNotFound         Code = "secret_not_found"
	CodeStorageFull            Code = "storage_full"
	CodeStoreLost              Code = "store_lost"
	CodeStoreDamaged           Code = "store_damaged"
	CodeAuditUnavailable       Code = "audit_unavailable"
	CodeBadDialect             Code = "bad_dialect"
	CodeDialectNotFound        Code = "dialect_not_found"
	CodeDialectTaken           Code = "dialect_taken"
	CodeDialectBuiltin         Code = "dialect_builtin"
	CodeTooManyDialects        Code = "too_many_dialects"
	CodeNoDialect              Code = "no_dialect"
	CodeOverLimit              Code = "over_limit"
	CodeBadAudio               Code = "bad_audio"
	CodeAudioBusy              Code = "audio_busy"
	CodeDialectFailed          Code = "dialect_failed"
	CodeAudioNotFound          Code = "audio_not_found"
	CodeTurnNotFound           Code = "turn_not_found"
	CodeNotReady               Code = "not_ready"
	CodeUnknownVariable        Code = "unknown_variable"
	CodeMissingVariable        Code = "missing_variable"
	CodeUndefinedVariable      Code = "undefined_variable"
	CodeEnvironmentNotFound    Code = "environment_not_found"
	CodeTooManyEnvironments    Code = "too_many_environments"
	CodeFolderNotFound         Code = "folder_not_found"
)

// Our own close codes of viewers' sockets.
const (
	closeBadEvent        websocket.StatusCode = 4400
	closeSignIn          websocket.StatusCode = 4401
	closeNotAllowed      websocket.StatusCode = 4403
	closeSessionNotFound websocket.StatusCode = 4404
)

// outcome is the status of an answer with an error code, and the code that closes the
// socket of a viewer.
type outcome struct {
	status int
	close  websocket.StatusCode
}

// outcomes lists every error code.
var outcomes = map[Code]outcome{
	CodeBadJSON:                {http.StatusBadRequest, closeBadEvent},
	CodeBadValue:               {http.StatusBadRequest, closeBadEvent},
	CodeBadName:                {http.StatusBadRequest, closeBadEvent},
	CodeMissingField:           {http.StatusBadRequest, closeBadEvent},
	CodeMissingSecret:          {http.StatusBadRequest, closeBadEvent},
	CodeBadEvent:               {http.StatusBadRequest, closeBadEvent},
	CodeBadOrigin:              {http.StatusBadRequest, closeBadEvent},
	CodeBadPath:                {http.StatusBadRequest, closeBadEvent},
	CodeBadSearch:              {http.StatusBadRequest, closeBadEvent},
	CodeSearchTooLong:          {http.StatusBadRequest, closeBadEvent},
	CodeBadCloseCode:           {http.StatusBadRequest, closeBadEvent},
	CodeBadCloseReason:         {http.StatusBadRequest, closeBadEvent},
	CodeInvalidUTF8:            {http.StatusBadRequest, closeBadEvent},
	CodeSubprotocolRequired:    {http.StatusBadRequest, closeBadEvent},
	CodeAddressRefused:         {http.StatusBadRequest, closeBadEvent},
	CodeClientCertRefused:      {http.StatusBadRequest, closeBadEvent},
	CodeHeaderForbidden:        {http.StatusBadRequest, closeBadEvent},
	CodeHeaderBadName:          {http.StatusBadRequest, closeBadEvent},
	CodeHeaderBadValue:         {http.StatusBadRequest, closeBadEvent},
	CodeHeaderTooLong:          {http.StatusBadRequest, closeBadEvent},
	CodeHeaderTooMany:          {http.StatusBadRequest, closeBadEvent},
	CodeCredentialKindUnknown:  {http.StatusBadRequest, closeBadEvent},
	CodeCredentialFieldUnknown: {http.StatusBadRequest, closeBadEvent},
	CodeHeaderConflict:         {http.StatusBadRequest, closeBadEvent},
	CodeQueryConflict:          {http.StatusBadRequest, closeBadEvent},
	CodePathAmbiguous:          {http.StatusBadRequest, closeBadEvent},
	CodeQueryAmbiguous:         {http.StatusBadRequest, closeBadEvent},
	CodeOriginRefused:          {http.StatusForbidden, websocket.StatusPolicyViolation},
	CodeTicketRequired:         {http.StatusForbidden, closeNotAllowed},
	CodeTicketRefused:          {http.StatusForbidden, closeNotAllowed},
	CodeTooManyTickets:         {http.StatusTooManyRequests, websocket.StatusTryAgainLater},
	CodeCrossOriginRefused:     {http.StatusForbidden, websocket.StatusPolicyViolation},
	CodePeerRefused:            {http.StatusForbidden, websocket.StatusPolicyViolation},
	CodeForwardedRefused:       {http.StatusForbidden, websocket.StatusPolicyViolation},
	CodeProxyRefused:           {http.StatusForbidden, websocket.StatusPolicyViolation},
	CodeIdentityAmbiguous:      {http.StatusBadRequest, closeBadEvent},
	CodeSignInStale:            {http.StatusBadRequest, closeBadEvent},
	CodeSignInRequired:         {http.StatusUnauthorized, closeSignIn},
	CodeTokenRefused:           {http.StatusUnauthorized, closeSignIn},
	CodeSignedOut:              {http.StatusUnauthorized, closeSignIn},
	CodeLeaseEnded:             {http.StatusUnauthorized, closeSignIn},
	CodeSignInRefused:          {http.StatusForbidden, closeNotAllowed},
	CodeNoRole:                 {http.StatusForbidden, closeNotAllowed},
	CodeRoleRequired:           {http.StatusForbidden, closeNotAllowed},
	CodeScopeRequired:          {http.StatusForbidden, closeNotAllowed},
	CodeNoTokens:               {http.StatusConflict, closeBadEvent},
	CodeTooManyTokens:          {http.StatusConflict, closeBadEvent},
	CodeTokenNotFound:          {http.StatusNotFound, closeSessionNotFound},
	CodeProviderUnreachable:    {http.StatusServiceUnavailable, websocket.StatusTryAgainLater},
	CodeTargetBlocked:          {http.StatusForbidden, websocket.StatusPolicyViolation},
	CodeNotFound:               {http.StatusNotFound, closeSessionNotFound},
	CodeServiceNotFound:        {http.StatusNotFound, closeSessionNotFound},
	CodeSessionNotFound:        {http.StatusNotFound, closeSessionNotFound},
	CodeMessageNotFound:        {http.StatusNotFound, closeSessionNotFound},
	CodeSavedNotFound:          {http.StatusNotFound, closeSessionNotFound},
	CodeMethodNotAllowed:       {http.StatusMethodNotAllowed, closeBadEvent},
	CodeNameTaken:              {http.StatusConflict, closeBadEvent},
	CodeSessionRunning:         {http.StatusConflict, closeBadEvent},
	CodeViewerGone:             {http.StatusConflict, closeBadEvent},
	CodeOwnerRequired:          {http.StatusForbidden, closeNotAllowed},
	CodeWatchOnly:              {http.StatusForbidden, closeNotAllowed},
	CodeViewerCannotOwn:        {http.StatusForbidden, closeNotAllowed},
	CodeAccessEnded:            {http.StatusForbidden, closeNotAllowed},
	CodeSessionClosed:          {http.StatusConflict, closeBadEvent},
	CodeSavedFull:              {http.StatusConflict, closeBadEvent},
	CodeMessageTooLarge:        {http.StatusRequestEntityTooLarge, websocket.StatusMessageTooBig},
	CodeSavedTooLarge:          {http.StatusRequestEntityTooLarge, websocket.StatusMessageTooBig},
	CodeRequestTooLarge:        {http.StatusRequestEntityTooLarge, websocket.StatusMessageTooBig},
	CodeUnsupportedMediaType:   {http.StatusUnsupportedMediaType, closeBadEvent},
	CodeHostRefused:            {http.StatusMisdirectedRequest, websocket.StatusPolicyViolation},
	CodeUpgradeRequired:        {http.StatusUpgradeRequired, closeBadEvent},
	CodeUploadTooSlow:          {http.StatusRequestTimeout, closeBadEvent},
	CodeTooManyServices:        {http.StatusConflict, closeBadEvent},
	CodeServicesTooLarge:       {http.StatusConflict, closeBadEvent},
	CodeSavedTooManyBytes:      {http.StatusConflict, closeBadEvent},
	CodeTooManyOpen:            {http.StatusTooManyRequests, websocket.StatusTryAgainLater},
	CodeTooManyViewers:         {http.StatusTooManyRequests, websocket.StatusTryAgainLater},
	CodeTooManyBytes:           {http.StatusTooManyRequests, websocket.StatusTryAgainLater},
	CodeTooManyDials:           {http.StatusTooManyRequests, websocket.StatusTryAgainLater},
	CodeTooManyDialsToTarget:   {http.StatusTooManyRequests, websocket.StatusTryAgainLater},
	CodeInternal:               {http.StatusInternalServerError, websocket.StatusInternalError},
	CodeKeyMissing:             {http.StatusInternalServerError, websocket.StatusInternalError},
	CodeCredentialRefused:      {http.StatusBadGateway, websocket.StatusBadGateway},
	CodeHandshakeRefused:       {http.StatusBadGateway, websocket.StatusBadGateway},
	CodeTargetUnreachable:      {http.StatusBadGateway, websocket.StatusBadGateway},
	CodeSendFailed:             {http.StatusBadGateway, websocket.StatusBadGateway},
	CodeDraining:               {http.StatusServiceUnavailable, websocket.StatusServiceRestart},
	CodeStoreUnavailable:       {http.StatusServiceUnavailable, websocket.StatusTryAgainLater},
	CodeAssetsNotBuilt:         {http.StatusServiceUnavailable, websocket.StatusTryAgainLater},
	CodeSecretTooShort:         {http.StatusBadRequest, closeBadEvent},
	CodeSecretNotForTarget:     {http.StatusForbidden, websocket.StatusPolicyViolation},
	CodeSecretNeedsVerifiedTLS: {http.StatusForbidden, websocket.StatusPolicyViolation},
	CodeSecretNeedsSavedCA:     {http.StatusForbidden, websocket.StatusPolicyViolation},
	CodeNotSecretOwner:         {http.StatusForbidden, websocket.StatusPolicyViolation},
	CodeSkipVerifyRefused:      {http.StatusForbidden, websocket.StatusPolicyViolation},
	CodeSecretNotFound:         {http.StatusNotFound, closeBadEvent},
	CodeStorageFull:            {http.StatusInsufficientStorage, websocket.StatusTryAgainLater},
	CodeStoreLost:              {http.StatusServiceUnavailable, websocket.StatusTryAgainLater},
	CodeStoreDamaged:           {http.StatusServiceUnavailable, websocket.StatusInternalError},
	CodeAuditUnavailable:       {http.StatusServiceUnavailable, websocket.StatusTryAgainLater},
	CodeBadDialect:             {http.StatusBadRequest, closeBadEvent},
	CodeDialectNotFound:        {http.StatusNotFound, closeSessionNotFound},
	CodeDialectTaken:           {http.StatusConflict, closeBadEvent},
	CodeDialectBuiltin:         {http.StatusConflict, closeBadEvent},
	CodeTooManyDialects:        {http.StatusConflict, closeBadEvent},
	CodeNoDialect:              {http.StatusConflict, closeBadEvent},
	CodeOverLimit:              {http.StatusBadRequest, closeBadEvent},
	CodeBadAudio:               {http.StatusBadRequest, closeBadEvent},
	CodeAudioBusy:              {http.StatusConflict, closeBadEvent},
	CodeDialectFailed:          {http.StatusConflict, closeBadEvent},
	CodeAudioNotFound:          {http.StatusNotFound, closeSessionNotFound},
	CodeTurnNotFound:           {http.StatusNotFound, closeSessionNotFound},
	CodeNotReady:               {http.StatusBadGateway, websocket.StatusBadGateway},
	CodeUnknownVariable:        {http.StatusBadRequest, closeBadEvent},
	CodeMissingVariable:        {http.StatusBadRequest, closeBadEvent},
	CodeUndefinedVariable:      {http.StatusBadRequest, closeBadEvent},
	CodeEnvironmentNotFound:    {http.StatusNotFound, closeSessionNotFound},
	CodeTooManyEnvironments:    {http.StatusConflict, closeBadEvent},
	CodeFolderNotFound:         {http.StatusNotFound, closeSessionNotFound},
}

// StatusOf returns the status of an answer with an error code.
func StatusOf(code Code) int { return outcomes[code].status }

// CloseOf returns the close code of a viewer's socket that ends with an error code.
func CloseOf(code Code) websocket.StatusCode { return outcomes[code].close }

// Codes returns every error code, sorted.
func Codes() []Code { return slices.Sorted(maps.Keys(outcomes)) }
