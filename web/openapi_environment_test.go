package main

import (
	"net/http"
	"strings"
)

func (a *apiTest) tryEnvironments(target string) {
	a.t.Helper()
	host, _, _ := strings.Cut(strings.TrimPrefix(target, "ws://"), "/")
	a.try(attempt{op: "createEnvironment", status: 201, body: `{"name":"staging","values":{"host":"` + host + `","lang":"zh"},
		"secrets":{"api_key":{"value":"a-secret-key","targets":["` + host + `"]}}}`})
	a.try(attempt{op: "createEnvironment", body: `{"name":"STAGING"}`, status: 409})
	a.try(attempt{op: "createEnvironment", body: `{"name":"b","values":{"no name":"x"}}`, status: 400})
	a.try(attempt{op: "createEnvironment", body: `{"name":"b"}`, edit: as("vera", "staff"), status: 403})
	a.try(attempt{op: "listEnvironments", status: 200})
	a.try(attempt{op: "listEnvironments", edit: as("eve", "guests"), status: 403})
	read := a.try(attempt{op: "readEnvironment", path: "staging", status: 200})
	a.try(attempt{op: "readEnvironment", path: "nothing", status: 404})
	a.try(attempt{op: "replaceEnvironment", path: "staging", body: string(read), status: 200})
	a.try(attempt{op: "replaceEnvironment", path: "nothing", body: string(read), status: 404})
	opens := `{"address":"ws://{{host}}` + strings.TrimPrefix(target, "ws://"+host) + `?lang={{lang}}","environment":"staging",
		"headers":[{"name":"X-Key","value":"Key {{secret.api_key}}"}]}`
	a.try(attempt{op: "resolveHandshake", body: opens, status: 200})
	a.try(attempt{op: "resolveHandshake", body: strings.Replace(opens, "lang}}", "tongue}}", 1), status: 400})
	session := idOf(a.t, a.try(attempt{op: "openSession", body: opens, status: 201}))
	a.try(attempt{op: "sendMessage", path: session, query: "opcode=text&resolve=true", body: "in {{lang}}", status: 201})
	a.try(attempt{op: "sendMessage", path: session, query: "opcode=text&resolve=true", body: "in {{tongue}}", status: 400})
	a.try(attempt{op: "closeSession", path: session, body: `{}`, status: http.StatusOK})
	a.try(attempt{op: "deleteEnvironment", path: "staging", status: 204})
	a.try(attempt{op: "deleteEnvironment", path: "staging", status: 404})
}
