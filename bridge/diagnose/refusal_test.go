package diagnose_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"duplex/bridge/diagnose"
)

// said is a refusal by a gateway, by the rule it must be explained with.
type said struct {
	rule    string
	status  int
	code    string
	message string
	action  diagnose.Action
	with    option // the credential; token when nil
}

const (
	edit      = diagnose.ActionEditAuth
	reconnect = diagnose.ActionReconnect
)

func gatewayAnswers() []said {
	iam, app := "Incorrect IAM authentication information: ", "Incorrect app authentication information: "
	return []said{
		{"signature_needs_v11", 401, "APIG.0624", "The signature algorithm is not supported, use V11", diagnose.ActionUseV11, aksk},
		{"key_locked", 401, "APIG.0301", iam + "AK access failed to reach the limit, forbidden", "", aksk},
		{"access_key_unknown", 401, "APIG.0301", iam + "Get secretKey failed, ak:HWAKEXAMPLE, err:ak not exist", edit, aksk},
		{"signature_expired", 401, "APIG.0301", iam + "signature expired", reconnect, aksk},
		{"signature_expired", 401, "APIG.0303", app + "signature expired", reconnect, appKS},
		{"signature_mismatch", 401, "APIG.0301", iam + "verify aksk signature fail", edit, aksk},
		{"signature_mismatch", 401, "APIG.0301", iam + "verify aksk signature fail, canonicalRequest:GET|/v1/infers/1f2e/||host:a|x-sdk-date:20261129T100000Z||host;x-sdk-date|e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", edit, aksk},
		{"signature_mismatch", 401, "APIGW.0301", iam + "verify aksk signature fail", edit, aksk},
		{"token_unreadable", 401, "APIG.0301", iam + "decrypt token fail", edit, nil},
		{"iam_credential_refused", 401, "APIG.0301", iam + "something else", edit, nil},
		{"app_not_found", 401, "APIG.0303", app + "app not found", edit, code},
		{"app_signature_mismatch", 401, "APIG.0303", app + "verify signature fail", edit, appKS},
		{"app_refused", 401, "APIG.0303", app + "something else", edit, code},
		{"app_key_and_secret_differ", 400, "APIG.1009", "AppKey or AppSecret is invalid", edit, appKS},
		{"credential_kind_wrong", 401, "APIG.0305", "Incorrect authentication information", edit, nil},
		{"iam_user_not_authorized", 403, "APIG.0302", "The IAM user is not authorized to access the API.", edit, nil},
		{"app_not_authorized", 403, "APIG.0304", "The app is not authorized to access the API.", "", code},
		{"access_denied", 403, "APIG.0306", "API access denied.", edit, nil},
		{"token_expired", 401, "APIG.0307", "The token must be updated", edit, nil},
		{"api_throttled", 429, "APIG.0308", "The throttling threshold has been reached", reconnect, nil},
		{"project_unavailable", 403, "APIG.0310", "The project is unavailable", "", nil},
		{"client_address_unknown", 403, "APIG.0401", "Unknown client IP address", "", nil},
		{"client_address_refused", 403, "APIG.0402", "The IP address is not authorized", "", nil},
		{"quota_used_up", 405, "APIG.0501", "The app quota has been used up", "", code},
		{"gateway_tls_version", 400, "APIG.0204", "SSL protocol is not supported: TLSv1.1", "", nil},
		{"gateway_scheme_refused", 400, "APIG.0607", "The HTTP protocol cannot be used", diagnose.ActionSwitchToWSS, nil},
		{"api_not_found", 404, "APIG.0101", "The API does not exist or has not been published in the environment", "", nil},
		{"gateway_bad_request", 400, "APIG.0201", "Bad request", "", nil},
		{"gateway_backend_timeout", 504, "APIG.0201", "Backend timeout", reconnect, nil},
		{"gateway_backend_unavailable", 502, "APIG.0202", "Backend unavailable", reconnect, nil},
	}
}

func modelArtsAnswers() []said {
	return []said{
		{"modelarts_no_token", 401, "ModelArts.0201", "Token doesn't exist.", edit, nil},
		{"token_expired", 401, "ModelArts.0202", "Invalid token header because the token has expired.", edit, nil},
		{"modelarts_token_of_other_account", 401, "ModelArts.0203", "Invalid token.", edit, nil},
		{"modelarts_token_without_project", 400, "ModelArts.0204", "Token must contain projectId info.", edit, nil},
		{"modelarts_token_unreadable", 401, "ModelArts.0204", "Failed to parse the token.", edit, nil},
		{"modelarts_no_app_header", 401, "ModelArts.0205", "No authorization request header.", edit, code},
		{"modelarts_no_app_header", 401, "ModelArts.0206", "Incorrect authorization request header format.", edit, code},
		{"token_other_region", 401, "ModelArts.0207", "Token must contain project info of current region.", edit, nil},
		{"modelarts_no_app_header", 401, "ModelArts.0208", "Failed to check the authorization request header.", edit, code},
		{"modelarts_wrong_address_for_app", 401, "ModelArts.0209", "No key appId in header.", "", code},
		{"modelarts_body_too_large", 413, "ModelArts.4104", "The request body is too large.", "", nil},
		{"modelarts_no_service_id", 400, "ModelArts.4201", "Invalid request URL because no service ID included.", "", nil},
		{"modelarts_not_started", 400, "ModelArts.4203", "Invalid request because requested service is unavailable.", reconnect, nil},
		{"modelarts_not_subscribed", 400, "ModelArts.4204", "Request API error.", "", nil},
		{"modelarts_timeout", 504, "ModelArts.4205", "Connection time out.", reconnect, nil},
		{"modelarts_rate_limit", 429, "ModelArts.4206", "Too many requests per second.", reconnect, nil},
		{"modelarts_container_refused", 502, "ModelArts.4302", "Connection refused.", reconnect, nil},
		{"modelarts_backend_lost", 502, "ModelArts.4503", "SSL error.", reconnect, nil},
		{"modelarts_unreachable", 502, "ModelArts.8909", "Connection timed out.", reconnect, nil},
		{"modelarts_protocol_mismatch", 400, "ModelArts.8910", "Protocol mismatch.", "", nil},
		{"modelarts_response_timeout", 504, "CF2.E00003", "Response timed out.", reconnect, nil},
	}
}

// plainAnswers are refusals with a status alone.
func plainAnswers() []said {
	none := func(*testing.T, *attempt) {}
	return []said{
		{"no_upgrade_400", 400, "", "invalid connection parameter", "", nil},
		{"credential_missing", 401, "", "", edit, none},
		{"credential_missing", 401, "APIG.0301", "Incorrect IAM authentication information", edit, none},
		{"unauthorized", 401, "", "", edit, header("X-Auth-Token", secret)},
		{"unauthorized", 401, "", "", edit, nil},
		{"forbidden", 403, "", "the original was refused by the origin server", edit, nil},
		{"forbidden", 403, "", "access denied at /origin/allowed", edit, nil},
		{"forbidden", 403, "", `{"timestamp":"2026-11-29T10:00:00Z","status":403,"error":"Forbidden"}`, edit, nil},
		{"api_key_refused", 401, "", `{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}`, edit, apiKey},
		{"api_key_refused", 401, "APIG.0301", "Incorrect IAM authentication information: decrypt token fail", edit, apiKey},
		{"api_key_refused", 401, "ModelArts.0203", "Invalid token.", edit, apiKey},
		{"bearer_refused", 401, "", "invalid bearer", edit, bearer},
		{"credential_kind_wrong", 401, "APIG.0301", "Incorrect IAM authentication information", edit, code},
		{"credential_kind_wrong", 401, "APIG.0303", "Incorrect app authentication information", edit, aksk},
		{"credential_kind_wrong", 401, "APIG.0307", "The token must be updated", edit, code},
		{"credential_kind_wrong", 401, "ModelArts.0203", "Invalid token.", edit, code},
		{"credential_missing", 401, "APIG.0307", "The token must be updated", edit, none},
		{"credential_missing", 401, "APIG.0305", "Incorrect authentication information", edit, none},
		{"credential_missing", 401, "ModelArts.0203", "Invalid token.", edit, none},
		{"modelarts_no_token", 401, "ModelArts.0201", "Token doesn't exist.", edit, none},
		{"clock_refused", 403, "", `{"message":"HMAC signature cannot be verified, a valid date or x-date header is required for HMAC Authentication"}`, "", nil},
		{"clock_refused", 401, "", "RequestTimeTooSkewed: The difference between the request time and the current time is too large.", "", nil},
		{"clock_refused", 403, "", "the timestamp of the signature is more than 300 s off", "", nil},
		{"proxy_authentication", 407, "", "", "", nil},
		{"not_found", 404, "", "", "", nil},
		{"method_not_allowed", 405, "", "", "", nil},
		{"request_too_large", 400, "APIG.0201", "Bad request: header too large", diagnose.ActionEditHeaders, nil},
		{"request_too_large", 413, "", "", diagnose.ActionEditHeaders, nil},
		{"request_too_large", 414, "", "", diagnose.ActionEditHeaders, nil},
		{"request_too_large", 494, "", "", diagnose.ActionEditHeaders, nil},
		{"too_many_requests", 429, "", "", reconnect, nil},
		{"backend_unavailable", 502, "", "", reconnect, nil},
		{"service_unavailable", 503, "", "", reconnect, nil},
		{"backend_timeout", 504, "", "", reconnect, nil},
		{"server_error", 500, "", "", reconnect, nil},
		{"refused", 418, "", "", "", nil},
	}
}

func refusalStories() []story {
	var all []story
	for _, rows := range [][]said{gatewayAnswers(), modelArtsAnswers(), plainAnswers()} {
		for _, row := range rows {
			all = append(all, row.story())
		}
	}
	return slices.Concat(all, wordsStories(), pageStories(), causeStories(), clockStories(), specialStories())
}

func (s said) story() story {
	body, facts := s.message, []string{"status"}
	if s.code != "" {
		body, facts = gatewayBody(s.code, s.message), []string{"status", "gateway_code", "gateway_message", "request_id"}
	}
	with := s.with
	if with == nil {
		with = token
		facts = append(facts, "credential_headers")
	}
	return story{rule: s.rule, name: s.code, action: s.action, facts: facts, happen: dialing(serving(answer(s.status, body)).path("/v1/infers/1f2e"), with)}
}

// wordsStories are refusals with words that are hard to read: compressed without a request for
// it, in another charset, or between the scripts of a page.
func wordsStories() []story {
	page := func(heading, script string) string {
		return "<!DOCTYPE html><html><head><title>403 Forbidden</title><script>" + script + "</script></head><body><h1>" + heading + "</h1></body></html>"
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte(gatewayBody("APIG.0307", "The token must be updated")))
	_ = z.Close()
	toPath := func(path string, h http.HandlerFunc, with option) func(*testing.T) diagnose.Evidence {
		return dialing(serving(h).path(path), with)
	}
	none := func(*testing.T, *attempt) {}
	html := "text/html; charset=utf-8"
	return []story{
		{rule: "token_expired", name: "gzip", action: edit, said: map[string]string{"words": "The token must be updated", "code": "APIG.0307"}, happen: toPath("/v1/infers/1", answer(401, zipped.String(), "Content-Encoding", "gzip"), token)},
		{rule: "forbidden", name: "GBK", action: edit, said: map[string]string{"words": "权限不足"}, happen: toPath("/ws", answer(403, "\xc8\xa8\xcf\xde\xb2\xbb\xd7\xe3", "Content-Type", "text/plain; charset=gbk"), token)},
		{rule: "forbidden", name: "origin in a script", action: edit, said: map[string]string{"words": "You may not enter"}, happen: toPath("/ws", answer(403, page("You may not enter", "let back = window.location.origin; // not allowed"), "Content-Type", html), token)},
		{rule: "origin_refused", name: "in a page", action: diagnose.ActionEditHeaders, said: map[string]string{"words": "Origin not allowed"}, happen: toPath("/ws", answer(403, page("Origin not allowed", ""), "Content-Type", html), token)},
		{rule: "forbidden", name: "page of the status alone", action: edit, happen: toPath("/ws", answer(403, page("403 Forbidden", ""), "Content-Type", html), token)},
		{rule: "credential_missing_v2", action: edit, happen: toPath("/v2/infers/1f2e", answer(401, gatewayBody("ModelArts.0201", "Token doesn't exist.")), none)},
		{rule: "credential_missing_v2", name: "no code", action: edit, happen: toPath("/v2/infer/1f2e/ws", answer(401, ""), none)},
		{rule: "credential_kind_not_on_v2", action: edit, happen: toPath("/v2/infers/1f2e", answer(401, gatewayBody("ModelArts.0203", "Invalid token.")), aksk)},
		{rule: "credential_kind_not_on_v2", name: "app", action: edit, happen: toPath("/v2/infers/1f2e", answer(403, ""), code)},
		{rule: "api_key_refused", name: "v2", action: edit, happen: toPath("/v2/infers/1f2e", answer(401, gatewayBody("ModelArts.0203", "Invalid token.")), apiKey)},
		{rule: "upgrade_headers_dropped", name: "426 that names no version", happen: toPath("/ws", answer(426, "Upgrade Required", "Server", "nginx"), token)},
		{rule: "upgrade_required_426", name: "426 that names one", happen: toPath("/ws", answer(426, "Upgrade Required", "Sec-WebSocket-Version", "8"), token)},
		{rule: "extension_unasked", action: diagnose.ActionEditSettings, happen: toPath("/ws", upgrade("Sec-WebSocket-Extensions", "permessage-deflate"), none)},
		{rule: "extension_unasked", name: "another", action: diagnose.ActionEditSettings, happen: toPath("/ws", upgrade("Sec-WebSocket-Extensions", "x-webkit-deflate-frame; no_context_takeover"), none)},
	}
}

// pageStories are refusals with their words in an unusual place.
func pageStories() []story {
	refused := func(status int, body, kind, words string) story {
		rule := map[int]string{400: "no_upgrade_400", 403: "forbidden", 404: "not_found", 422: "no_upgrade_400", 500: "server_error"}[status]
		action := map[int]diagnose.Action{403: edit, 500: reconnect}[status]
		return story{
			rule: rule, name: words + " " + kind + body[:min(len(body), 20)], action: action, said: map[string]string{"words": words},
			happen: dialing(serving(answer(status, body, "Content-Type", kind)).path("/ws"), token),
		}
	}
	page, text, plain := "text/html; charset=utf-8", "text/plain", "application/json"
	const words = "model is required"
	return []story{
		refused(404, "404: "+words, text, "404: "+words),
		refused(400, `"`+words+`"`, plain, words),
		refused(400, `{"errors":["`+words+`"]}`, plain, words),
		refused(400, `{"Error":{"Code":"x","Message":"`+words+`"}}`, plain, words),
		refused(400, `{"err_code":"Bad Request","err_msg":"`+words+`"}`, plain, words),
		refused(400, `{"title":"`+words+`","status":400}`, "application/problem+json", words),
		refused(400, `{"error":"invalid_request","error_description":"`+words+`"}`, plain, words),
		refused(400, `{"status":"error","reason":"`+words+`"}`, plain, words),
		refused(422, `{"detail":[{"type":"missing","loc":["query","model"],"msg":"`+words+`"}]}`, plain, words),
		refused(403, `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>You may not &amp; cannot</Message></Error>`, "application/xml", "You may not & cannot"),
		refused(400, "<p>"+words+"</p>", page, words),
		refused(400, words, page, words),
		refused(404, "<html><head><title>Error</title></head><body><pre>Cannot GET /ws</pre></body></html>", page, "Cannot GET /ws"),
		refused(500, "<html><head><title>Error</title></head><body><pre>Error: model not loaded<br> at a (b.js:1)</pre></body></html>", page, "Error: model not loaded"),
		refused(403, "<h1>Forbidden <span>(403)</span></h1><p>"+words+"</p>", page, words),
		refused(500, "<h1>Worker gone</h1><h2>What happened?</h2>", page, "Worker gone"),
		refused(500, "boom\n"+strings.Repeat("  at line of a trace\n", 30), text, "boom"),
		{rule: "no_upgrade_400", name: "words in a header", said: map[string]string{"words": words}, happen: dialing(serving(answer(400, "", "X-Api-Message", words)).path("/ws"), token)},
		{rule: "bearer_refused", name: "words in the challenge", action: edit, said: map[string]string{"words": "The access token expired"}, happen: dialing(serving(answer(401, "", "WWW-Authenticate", `Bearer error="invalid_token", error_description="The access token expired"`)).path("/ws"), bearer)},
		{rule: "forbidden", name: "no words in a page of the status", action: edit, happen: func(t *testing.T) diagnose.Evidence {
			t.Helper()
			evidence := dialing(serving(answer(403, "<h1>Forbidden (403)</h1>", "Content-Type", page)).path("/ws"), token)(t)
			if finding, _ := diagnose.Explain(evidence); finding.Said != nil {
				t.Errorf("the status is quoted: %+v", finding.Said)
			}
			return evidence
		}},
	}
}

// causeStories are refusals with words that say more than their status.
func causeStories() []story {
	none := func(*testing.T, *attempt) {}
	refused := func(rule string, action diagnose.Action, status int, words string, with option, headers ...string) story {
		return story{rule: rule, name: words, action: action, happen: dialing(serving(answer(status, words, headers...)).path("/ws"), with)}
	}
	settings := diagnose.ActionEditSettings
	html := []string{"Content-Type", "text/html"}
	return []story{
		refused("credential_missing", edit, 403, `{"message":"Missing Authentication Token"}`, none),
		refused("credential_missing", edit, 403, `{"detail":"Authentication credentials were not provided."}`, none),
		refused("unauthorized", edit, 403, `{"message":"The security token included in the request is invalid."}`, header("X-Auth-Token", secret)),
		refused("unauthorized", edit, 403, `{"message":"The request signature we calculated does not match the signature you provided."}`, header("X-Auth-Token", secret)),
		refused("api_key_refused", edit, 400, `{"error":{"code":400,"message":"API key not valid. Please pass a valid API key."}}`, apiKey),
		refused("bearer_refused", edit, 403, "Audiences in token are not allowed", bearer),
		refused("forbidden", edit, 403, "<h1>Forbidden</h1><p>CSRF token missing. Request aborted.</p>", token, html...),
		refused("forbidden", edit, 403, "RBAC: access denied", token),
		refused("origin_refused", diagnose.ActionEditHeaders, 403, "Invalid CORS request", token),
		refused("request_too_large", diagnose.ActionEditHeaders, 400, "<title>400 Request Header Or Cookie Too Large</title><h1>400 Bad Request</h1>", token, html...),
		refused("payment_required", "", 402, `{"err_msg":"Project does not have enough credits"}`, token),
		refused("payment_required", "", 403, "账户已欠费", token),
		refused("forbidden_without_credential", edit, 403, "", none),
		refused("no_upgrade_400", "", 400, strings.Repeat("a long line of words ", 30), token),
		refused("bot_challenge", "", 403, "", token, "Cf-Mitigated", "challenge"),
		refused("bot_challenge", "", 503, "<title>Just a moment...</title><p>Checking your browser</p>", token, html...),
		refused("upgrade_not_allowed", "", 403, "Upgrade not allowed", token),
		refused("upgrade_not_allowed", "", 400, "WebSocket is not enabled for this route", token),
		refused("subprotocol_required", settings, 400, "Failed to open a WebSocket connection: missing subprotocol.", token),
		refused("subprotocol_required", settings, 403, "Subprotocol v1 is not supported", token),
		refused("backend_unavailable", reconnect, 521, "error code: 521", token),
		refused("backend_timeout", reconnect, 522, "error code: 522", token),
	}
}

// clockStories are signatures refused by a target with another clock.
func clockStories() []story {
	ours := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	skewed := func(by time.Duration, with option) func(*testing.T) diagnose.Evidence {
		date := ours.Add(-by).Format(http.TimeFormat)
		body := gatewayBody("APIG.0301", "Incorrect IAM authentication information: signature expired")
		return dialing(serving(answer(401, body, "Date", date)), clock(ours), with)
	}
	return []story{
		{rule: "clock_skew_ahead", happen: skewed(7*time.Minute, aksk), want: map[string]string{"ahead": "7 min"}, facts: []string{"clock_ahead"}},
		{rule: "clock_skew_behind", happen: skewed(-20*time.Hour, appKS), want: map[string]string{"behind": "20 h"}, facts: []string{"clock_behind"}},
		{rule: "signature_expired", name: "small skew", action: reconnect, happen: skewed(4*time.Minute, aksk)},
		{rule: "iam_credential_refused", name: "a token has no clock", action: edit, happen: dialing(serving(answer(401, gatewayBody("APIG.0301", "no"), "Date", ours.Add(time.Hour).Format(http.TimeFormat))), clock(ours), token)},
	}
}

func specialStories() []story {
	fromIAM := func(code, message string) func(*testing.T) diagnose.Evidence {
		iam := serving(answer(201, `{"token":{"expires_at":"2099-01-01T00:00:00.000000Z"}}`, "X-Subject-Token", secret))
		return dialing(serving(answer(401, gatewayBody(code, message))), iamAt(iam))
	}
	return []story{
		{rule: "token_expired", name: "from IAM", action: diagnose.ActionRenewToken, happen: fromIAM("APIG.0307", "The token must be updated")},
		{rule: "token_other_region", name: "from IAM", action: edit, happen: fromIAM("APIG.0301", "Incorrect IAM authentication information: decrypt token fail")},
		{
			rule: "token_unreadable", name: "region of the host", action: edit, want: map[string]string{"region": "cn-north-4"}, facts: []string{"region", "resolved"},
			happen: dialing(serving(answer(401, gatewayBody("APIG.0301", "decrypt token fail"))).named("infer-modelarts-cn-north-4.modelarts-infer.com"), loopback, token),
		},
		{
			rule:   "gateway_protocol_refused",
			happen: answeringTLS(answer(400, gatewayBody("APIG.0607", "The HTTPS protocol cannot be used"))),
		},
		{
			rule: "server_error", name: "from the container", action: reconnect, facts: []string{"from_container", "server"},
			happen: refusal(500, `{"detail":"CUDA out of memory"}`, "Server", "ModelArts"),
		},
		{
			rule: "unauthorized", name: "nested", action: edit, want: map[string]string{"code": "bad_token", "message": "expired"}, facts: []string{"challenge"},
			happen: dialing(serving(answer(401, `{"error":{"code":"bad_token","message":"expired"}}`, "WWW-Authenticate", `Bearer realm="x"`)), token),
		},
		{
			rule: "signature_mismatch", name: "cut off", action: edit, want: map[string]string{"code": "APIG.0301"},
			happen: dialing(serving(answer(401, `{"error_code":"APIG.0301","error_msg":"verify aksk signature fail, canonicalRequest:GET|/`)), aksk),
		},
	}
}
