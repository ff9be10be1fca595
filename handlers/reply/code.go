package reply

import (
	"maps"
	"net/http"
	"slices"

	"github.com/coder/websocket"
)

// The codes of a store that cannot do all of its work.
const (
	storageFull  = "storage_full"
	storeLost    = "store_lost"
	storeDamaged = "store_damaged"
)

// The close codes that are ours, on viewers' sockets.
const (
	closeBadEvent        websocket.StatusCode = 4400
	closeSignIn          websocket.StatusCode = 4401
	closeNotAllowed      websocket.StatusCode = 4403
	closeSessionNotFound websocket.StatusCode = 4404
)

// outcome is how an error leaves the house: the status of an answer, or the code
// that a viewer's socket is closed with.
type outcome struct {
	status int
	close  websocket.StatusCode
}

// outcomes is every error code. Its sentence is "error.<code>" in the catalogue.
var outcomes = map[string]outcome{
	"bad_json":                  {http.StatusBadRequest, closeBadEvent},
	"bad_value":                 {http.StatusBadRequest, closeBadEvent},
	"bad_name":                  {http.StatusBadRequest, closeBadEvent},
	"missing_field":             {http.StatusBadRequest, closeBadEvent},
	"missing_secret":            {http.StatusBadRequest, closeBadEvent},
	"bad_event":                 {http.StatusBadRequest, closeBadEvent},
	"bad_origin":                {http.StatusBadRequest, closeBadEvent},
	"bad_path":                  {http.StatusBadRequest, closeBadEvent},
	"bad_search":                {http.StatusBadRequest, closeBadEvent},
	"search_too_long":           {http.StatusBadRequest, closeBadEvent},
	"bad_close_code":            {http.StatusBadRequest, closeBadEvent},
	"bad_close_reason":          {http.StatusBadRequest, closeBadEvent},
	"invalid_utf8":              {http.StatusBadRequest, closeBadEvent},
	"subprotocol_required":      {http.StatusBadRequest, closeBadEvent},
	"address_refused":           {http.StatusBadRequest, closeBadEvent},
	"client_cert_refused":       {http.StatusBadRequest, closeBadEvent},
	"header_forbidden":          {http.StatusBadRequest, closeBadEvent},
	"header_bad_name":           {http.StatusBadRequest, closeBadEvent},
	"header_bad_value":          {http.StatusBadRequest, closeBadEvent},
	"header_too_long":           {http.StatusBadRequest, closeBadEvent},
	"header_too_many":           {http.StatusBadRequest, closeBadEvent},
	"credential_kind_unknown":   {http.StatusBadRequest, closeBadEvent},
	"credential_field_unknown":  {http.StatusBadRequest, closeBadEvent},
	"header_conflict":           {http.StatusBadRequest, closeBadEvent},
	"query_conflict":            {http.StatusBadRequest, closeBadEvent},
	"path_ambiguous":            {http.StatusBadRequest, closeBadEvent},
	"query_ambiguous":           {http.StatusBadRequest, closeBadEvent},
	"origin_refused":            {http.StatusForbidden, websocket.StatusPolicyViolation},
	"ticket_required":           {http.StatusForbidden, closeNotAllowed},
	"ticket_refused":            {http.StatusForbidden, closeNotAllowed},
	"too_many_tickets":          {http.StatusTooManyRequests, websocket.StatusTryAgainLater},
	"cross_origin_refused":      {http.StatusForbidden, websocket.StatusPolicyViolation},
	"peer_refused":              {http.StatusForbidden, websocket.StatusPolicyViolation},
	"forwarded_refused":         {http.StatusForbidden, websocket.StatusPolicyViolation},
	"proxy_refused":             {http.StatusForbidden, websocket.StatusPolicyViolation},
	"identity_ambiguous":        {http.StatusBadRequest, closeBadEvent},
	"sign_in_stale":             {http.StatusBadRequest, closeBadEvent},
	"sign_in_required":          {http.StatusUnauthorized, closeSignIn},
	"token_refused":             {http.StatusUnauthorized, closeSignIn},
	"signed_out":                {http.StatusUnauthorized, closeSignIn},
	"lease_ended":               {http.StatusUnauthorized, closeSignIn},
	"sign_in_refused":           {http.StatusForbidden, closeNotAllowed},
	"no_role":                   {http.StatusForbidden, closeNotAllowed},
	"role_required":             {http.StatusForbidden, closeNotAllowed},
	"scope_required":            {http.StatusForbidden, closeNotAllowed},
	"no_tokens":                 {http.StatusConflict, closeBadEvent},
	"too_many_tokens":           {http.StatusConflict, closeBadEvent},
	"token_not_found":           {http.StatusNotFound, closeSessionNotFound},
	"provider_unreachable":      {http.StatusServiceUnavailable, websocket.StatusTryAgainLater},
	"target_blocked":            {http.StatusForbidden, websocket.StatusPolicyViolation},
	"not_found":                 {http.StatusNotFound, closeSessionNotFound},
	"service_not_found":         {http.StatusNotFound, closeSessionNotFound},
	"session_not_found":         {http.StatusNotFound, closeSessionNotFound},
	"message_not_found":         {http.StatusNotFound, closeSessionNotFound},
	"saved_not_found":           {http.StatusNotFound, closeSessionNotFound},
	"method_not_allowed":        {http.StatusMethodNotAllowed, closeBadEvent},
	"name_taken":                {http.StatusConflict, closeBadEvent},
	"session_running":           {http.StatusConflict, closeBadEvent},
	"viewer_gone":               {http.StatusConflict, closeBadEvent},
	"owner_required":            {http.StatusForbidden, closeNotAllowed},
	"watch_only":                {http.StatusForbidden, closeNotAllowed},
	"viewer_cannot_own":         {http.StatusForbidden, closeNotAllowed},
	"access_ended":              {http.StatusForbidden, closeNotAllowed},
	"session_closed":            {http.StatusConflict, closeBadEvent},
	"saved_full":                {http.StatusConflict, closeBadEvent},
	"message_too_large":         {http.StatusRequestEntityTooLarge, websocket.StatusMessageTooBig},
	"saved_too_large":           {http.StatusRequestEntityTooLarge, websocket.StatusMessageTooBig},
	"request_too_large":         {http.StatusRequestEntityTooLarge, websocket.StatusMessageTooBig},
	"unsupported_media_type":    {http.StatusUnsupportedMediaType, closeBadEvent},
	"host_refused":              {http.StatusMisdirectedRequest, websocket.StatusPolicyViolation},
	"upgrade_required":          {http.StatusUpgradeRequired, closeBadEvent},
	"upload_too_slow":           {http.StatusRequestTimeout, closeBadEvent},
	"too_many_services":         {http.StatusConflict, closeBadEvent},
	"services_too_large":        {http.StatusConflict, closeBadEvent},
	"saved_too_many_bytes":      {http.StatusConflict, closeBadEvent},
	"too_many_open":             {http.StatusTooManyRequests, websocket.StatusTryAgainLater},
	"too_many_viewers":          {http.StatusTooManyRequests, websocket.StatusTryAgainLater},
	"too_many_bytes":            {http.StatusTooManyRequests, websocket.StatusTryAgainLater},
	"too_many_dials":            {http.StatusTooManyRequests, websocket.StatusTryAgainLater},
	"too_many_dials_to_target":  {http.StatusTooManyRequests, websocket.StatusTryAgainLater},
	"internal":                  {http.StatusInternalServerError, websocket.StatusInternalError},
	"key_missing":               {http.StatusInternalServerError, websocket.StatusInternalError},
	"credential_refused":        {http.StatusBadGateway, websocket.StatusBadGateway},
	"handshake_refused":         {http.StatusBadGateway, websocket.StatusBadGateway},
	"target_unreachable":        {http.StatusBadGateway, websocket.StatusBadGateway},
	"send_failed":               {http.StatusBadGateway, websocket.StatusBadGateway},
	"draining":                  {http.StatusServiceUnavailable, websocket.StatusServiceRestart},
	"store_unavailable":         {http.StatusServiceUnavailable, websocket.StatusTryAgainLater},
	"assets_not_built":          {http.StatusServiceUnavailable, websocket.StatusTryAgainLater},
	"secret_too_short":          {http.StatusBadRequest, closeBadEvent},
	"secret_not_for_target":     {http.StatusForbidden, websocket.StatusPolicyViolation},
	"secret_needs_verified_tls": {http.StatusForbidden, websocket.StatusPolicyViolation},
	"secret_needs_saved_ca":     {http.StatusForbidden, websocket.StatusPolicyViolation},
	"not_secret_owner":          {http.StatusForbidden, websocket.StatusPolicyViolation},
	"skip_verify_refused":       {http.StatusForbidden, websocket.StatusPolicyViolation},
	"secret_not_found":          {http.StatusNotFound, closeBadEvent},
	storageFull:                 {http.StatusInsufficientStorage, websocket.StatusTryAgainLater},
	storeLost:                   {http.StatusServiceUnavailable, websocket.StatusTryAgainLater},
	storeDamaged:                {http.StatusServiceUnavailable, websocket.StatusInternalError},
	"audit_unavailable":         {http.StatusServiceUnavailable, websocket.StatusTryAgainLater},
}

// StatusOf returns the status of an answer with an error code.
func StatusOf(code string) int { return outcomes[code].status }

// CloseOf returns the close code of a viewer's socket that ends with an error code.
func CloseOf(code string) websocket.StatusCode { return outcomes[code].close }

// Codes returns every error code, sorted.
func Codes() []string { return slices.Sorted(maps.Keys(outcomes)) }
