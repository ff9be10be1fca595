package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/sign"
	"duplex/bridge/transcript"
	"duplex/bridge/vault"
	"duplex/bridge/wire"
	"duplex/handlers/identity"
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

// fault is an error with two faces: what may be shown, and a cause for the log.
type fault struct {
	code   string                 // of outcomes
	field  string                 // the input it is about, as the API names it
	values map[string]string      // for the sentence
	rule   rule                   // that the input breaks; "" for one that is not told
	reason string                 // why an address is refused; a sentence in the sentence
	wait   time.Duration          // until it is worth another try; 0 when nobody knows
	role   identity.Role          // that it takes
	failed *dial.Error            // the dial that failed, to be explained
	search *transcript.QueryError // the expression that cannot be read, to be explained
	cause  error
}

// Error implements error.
func (f *fault) Error() string {
	if f.cause != nil {
		return f.code + ": " + f.cause.Error()
	}
	return f.code + " " + f.field
}

// Unwrap returns the cause.
func (f *fault) Unwrap() error { return f.cause }

// bad says that an input cannot be used.
func bad(code, field string) error { return &fault{code: code, field: field} }

// rule names what an input breaks. Its sentence is "error.<code>.<rule>" in the
// catalogue, or "error.<code>.<rule>.<field>" where one field needs its own.
type rule struct {
	name         string
	least, limit int64 // 0 is none
}

// The rules about sizes.
const (
	maxBytes      = "max_bytes"
	maxCharacters = "max_characters"
	maxItems      = "max_items"
	inRange       = "range" // from least to limit
)

// The rules about headers that cannot be set.
const (
	ofAddress     = "of_address"     // Host follows the address
	ofSubprotocol = "of_subprotocol" // Sec-WebSocket-Protocol has a field of its own
	maxTotal      = "max_total_bytes"
)

// The rules about text.
const (
	aToken     = "token" // of RFC 9110 section 5.6.2
	unique     = "unique"
	noControls = "no_controls"

	oneParameter = "one_parameter" // a spelling of a query parameter
)

// breaks says that an input breaks a rule that has no number.
func breaks(name, field string) error {
	return &fault{code: "bad_value", field: field, rule: rule{name: name}}
}

// tooLong says that an input has more bytes than are taken.
func tooLong(field string, size, limit int) error { return oversize(field, maxBytes, size, limit) }

// tooMany says that a list has more entries than are taken.
func tooMany(field string, count, limit int) error { return oversize(field, maxItems, count, limit) }

func oversize(field, name string, size, limit int) error {
	return &fault{code: "bad_value", field: field, rule: rule{name: name, limit: int64(limit)}, values: sizes(size, limit)}
}

func sizes(size, limit int) map[string]string {
	return map[string]string{"size": strconv.Itoa(size), "limit": strconv.Itoa(limit)}
}

// outOfRange says that a number is none from least to most.
func outOfRange(field string, least, most int64) error {
	return &fault{code: "bad_value", field: field, rule: rule{inRange, least, most}, values: map[string]string{
		"least": strconv.FormatInt(least, 10), "limit": strconv.FormatInt(most, 10),
	}}
}

// faultOf turns whatever a handler got into what is answered.
func (h *Handler) faultOf(err error) *fault { return h.blamed(h.namedFault(err)) }

func (h *Handler) namedFault(err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return h.orUnavailable(f)
	}
	if dial, ok := errors.AsType[*dial.Error](err); ok {
		f := h.dialFault(dial)
		f.failed, f.cause = dial, err
		return f
	}
	f := bridgeFault(err)
	if f == nil {
		f = h.inputFault(err)
	}
	if f == nil && h.StoreErrors.Away != nil && h.StoreErrors.Away(err) {
		f = &fault{code: "store_unavailable"}
	}
	if f == nil {
		f = &fault{code: "internal"}
	}
	f.cause = err
	return f
}

// orUnavailable names the store where a log beside it cannot be written for its sake.
func (h *Handler) orUnavailable(f *fault) *fault {
	if f.code == "audit_unavailable" && (errors.Is(f.cause, bridge.ErrStoreAway) || h.StoreErrors.Away != nil && h.StoreErrors.Away(f.cause)) {
		return &fault{code: "store_unavailable", cause: f.cause}
	}
	return f
}

// bridgeFault knows the errors of sessions.
func bridgeFault(err error) *fault {
	if large, ok := errors.AsType[*bridge.TooLargeError](err); ok {
		return tooLarge("message_too_large", large.Limit)
	}
	if limit, ok := errors.AsType[*bridge.DialLimitError](err); ok {
		return limitFault(limit)
	}
	if quota, ok := errors.AsType[*bridge.QuotaError](err); ok {
		return quotaFault(quota)
	}
	if _, ok := errors.AsType[*bridge.SendError](err); ok {
		return &fault{code: "send_failed"}
	}
	switch {
	case errors.Is(err, bridge.ErrStoreAway): // first: the way to the store may have been given up by canceling
		return &fault{code: "store_unavailable"}
	case errors.Is(err, bridge.ErrStoreFull):
		return &fault{code: "store_unavailable"} // the condition says more
	case errors.Is(err, bridge.ErrDraining), errors.Is(err, context.Canceled):
		return &fault{code: "draining"} // a canceled request has nobody to read this, or the process ends
	case errors.Is(err, bridge.ErrClosed):
		return &fault{code: "session_closed"}
	case errors.Is(err, bridge.ErrInvalidUTF8):
		return &fault{code: "invalid_utf8"}
	case errors.Is(err, bridge.ErrCloseCode):
		return &fault{code: "bad_close_code", field: "code"}
	case errors.Is(err, bridge.ErrCloseReason):
		return &fault{code: "bad_close_reason", field: "reason"}
	}
	return nil
}

func limitFault(limit *bridge.DialLimitError) *fault {
	f := &fault{code: "too_many_dials", wait: limit.Wait, values: map[string]string{
		"limit": strconv.Itoa(limit.Limit), "host": limit.Host, "seconds": wholeSeconds(limit.Wait),
	}}
	if limit.Host != "" {
		f.code, f.field = "too_many_dials_to_target", "address"
	}
	return f
}

// wholeSeconds rounds up: whoever comes back then does not come too early.
func wholeSeconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

func tooLarge(code string, limit int64) *fault {
	return &fault{code: code, values: map[string]string{"limit": strconv.FormatInt(limit, 10)}}
}

// inputFault knows what else can be wrong with what was asked for.
func (h *Handler) inputFault(err error) *fault {
	if refusal, ok := errors.AsType[*identity.RefusedError](err); ok {
		return &fault{code: refusal.Code, role: refusal.Need, values: map[string]string{"scope": string(refusal.Scope)}}
	}
	if query, ok := errors.AsType[*transcript.QueryError](err); ok {
		return &fault{code: "bad_search", field: "q", search: query}
	}
	if key, ok := errors.AsType[*vault.KeyMissingError](err); ok {
		return &fault{code: "key_missing", values: map[string]string{"key": key.ID}}
	}
	if event, ok := errors.AsType[*wire.EventError](err); ok {
		return &fault{code: "bad_event", field: event.Field}
	}
	if errors.Is(err, h.StoreErrors.NameTaken) {
		return &fault{code: "name_taken", field: "name"}
	}
	if errors.Is(err, h.StoreErrors.Full) {
		return &fault{code: "saved_full", values: map[string]string{"limit": strconv.Itoa(bridge.MaxSavedMessages)}}
	}
	return h.requestFault(err)
}

// dialFault names a dial that failed.
func (h *Handler) dialFault(failed *dial.Error) *fault {
	if blocked, ok := errors.AsType[*dial.BlockedError](failed.Err); ok {
		return &fault{code: "target_blocked", field: "address", reason: string(blocked.Reason)}
	}
	if _, ok := errors.AsType[*dial.IAMError](failed.Err); ok {
		return &fault{code: "credential_refused", field: "credential"}
	}
	if f := h.requestFault(failed.Err); f != nil {
		return f
	}
	if failed.Report.Status != 0 {
		return &fault{code: "handshake_refused"}
	}
	return &fault{code: "target_unreachable"}
}

// requestFault knows the errors of the parts of a handshake.
func (h *Handler) requestFault(err error) *fault {
	if address, ok := errors.AsType[*dial.AddressError](err); ok {
		return &fault{code: "address_refused", field: "address", reason: string(address.Reason)}
	}
	if certificate, ok := errors.AsType[*dial.ClientCertificateError](err); ok {
		return &fault{code: "client_cert_refused", field: certificate.Field, reason: string(certificate.Reason)}
	}
	if header, ok := errors.AsType[*dial.HeaderError](err); ok {
		return headerFault(header, "headers")
	}
	if bound, ok := errors.AsType[*dial.BoundError](err); ok {
		return boundFault(bound)
	}
	if option, ok := errors.AsType[*dial.OptionError](err); ok {
		return &fault{code: "bad_value", field: option.Field}
	}
	if field, ok := errors.AsType[*sign.FieldError](err); ok {
		f := &fault{code: field.Code, field: credentialField(field.Field), values: map[string]string{"name": field.Header}}
		if field.Code == "header_forbidden" && strings.EqualFold(field.Header, "Sec-WebSocket-Protocol") {
			f.rule.name = ofSubprotocol // a kind of its own carries a secret there
		}
		return f
	}
	return nil
}

// boundFault says that a kept secret is for another target.
func boundFault(err *dial.BoundError) *fault {
	f := &fault{code: "secret_not_for_target", field: credentialField(err.Field), values: map[string]string{
		"field": strings.ReplaceAll(err.Field, "_", " "), "bound_to": strings.Join(err.Targets, ", "),
		"refused": err.Refused, "owner": err.Owner,
	}}
	switch {
	case err.Unverified:
		f.code = "secret_needs_verified_tls"
	case err.OtherCA:
		f.code = "secret_needs_saved_ca"
	}
	return f
}

// headerFault says what is wrong with a header; where names it or the whole list.
func headerFault(err *dial.HeaderError, where string) *fault {
	f := &fault{field: where, values: sizes(err.Size, err.Limit)}
	f.values["name"] = err.Name
	f.rule.limit = int64(err.Limit)
	switch err.Reason {
	case dial.ReasonForbidden:
		f.code = "header_forbidden"
	case dial.ReasonHostHeader:
		f.code, f.rule.name = "header_forbidden", ofAddress
	case dial.ReasonSubprotocol:
		f.code, f.rule.name = "header_forbidden", ofSubprotocol
	case dial.ReasonBadName:
		f.code = "header_bad_name"
	case dial.ReasonBadValue:
		f.code = "header_bad_value"
	case dial.ReasonTooLong:
		f.code, f.rule.name = "header_too_long", maxBytes
	case dial.ReasonTooLarge:
		f.code, f.rule.name = "header_too_long", maxTotal
	case dial.ReasonTooMany:
		f.code, f.rule.name = "header_too_many", maxItems
	}
	return f
}

// credentialField names the input that a sign.FieldError is about.
func credentialField(field string) string {
	switch {
	case slices.Contains([]string{"credential", "address", "params", "headers"}, field), bridge.IsRowField(field):
		return field
	case field == dial.ClientKeyField:
		return "tls." + field
	default:
		return "credential." + field
	}
}

// isMissing reports whether what was looked for is not there, or not for who asks.
func isMissing(err error, code string) bool {
	f, ok := errors.AsType[*fault](err)
	return ok && f.code == code
}

// isGone reports whether something is not there, or no longer for who asks.
func isGone(err error) bool {
	f, ok := errors.AsType[*fault](err)
	return ok && strings.HasSuffix(f.code, "_not_found")
}

// absent gives the store's "not found" the name of what was looked for.
func (h *Handler) absent(err error, code string) error {
	if errors.Is(err, h.StoreErrors.NotFound) {
		return &fault{code: code, cause: err}
	}
	return err
}
