package handlers_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestBadSavedMessageIsRefusedBeforeAnythingIsDone(t *testing.T) {
	c := start(t)
	long := strings.Repeat("n", 10<<10)
	const messages = "/api/services/one/messages"
	tests := []struct {
		name, method, path, body string
		status                   int
		code, field              string
	}{
		{"no name", "POST", messages + "?type=text", "x", 400, "missing_field", "name"},
		{"blank name", "POST", messages + "?type=text&name=%20%20", "x", 400, "missing_field", "name"},
		{"long name", "POST", messages + "?type=text&name=" + long, "x", 400, "bad_name", "name"},
		{"line break in name", "POST", messages + "?type=text&name=a%0Ab", "x", 400, "bad_name", "name"},
		{"name that is no text", "POST", messages + "?type=text&name=%FF", "x", 400, "bad_name", "name"},
		{"long folder", "POST", messages + "?type=text&name=a&folder=" + long, "x", 400, "bad_name", "folder"},
		{"control character in folder", "PUT", messages + "/some?type=text&name=a&folder=%00", "x", 400, "bad_name", "folder"},
		{"no type", "POST", messages + "?name=a", "x", 400, "bad_value", "type"},
		{"unknown type", "PUT", messages + "/some?name=a&type=yaml", "x", 400, "bad_value", "type"},
		{"broken query", "POST", messages + "?name=%zz&type=text", "x", 400, "bad_value", "query"},
		{"text that is no text", "POST", messages + "?name=a&type=json", "\xff", 400, "invalid_utf8", "body"},
		{"large", "POST", messages + "?name=a&type=file", strings.Repeat("x", 1001), 413, "saved_too_large", ""},
		{"unknown service", "POST", "/api/services/two/messages?name=a&type=text", "x", 404, "service_not_found", ""},
		{"list of an unknown service", "GET", "/api/services/two/messages", "", 404, "service_not_found", ""},
		{"unknown message", "GET", messages + "/gone", "", 404, "saved_not_found", ""},
		{"unknown body", "GET", messages + "/gone/body", "", 404, "saved_not_found", ""},
		{"delete an unknown message", "DELETE", messages + "/gone", "", 404, "saved_not_found", ""},
		{"change an unknown message", "PATCH", messages + "/gone", "{}", 404, "saved_not_found", ""},
		{"change to no name", "PATCH", messages + "/some", `{"name":" "}`, 400, "missing_field", "name"},
		{"change to a long name", "PATCH", messages + "/some", `{"name":"` + long + `"}`, 400, "bad_name", "name"},
		{"change to a bad folder", "PATCH", messages + "/some", `{"folder":"a\u0000"}`, 400, "bad_name", "folder"},
		{"change to no position", "PATCH", messages + "/some", `{"position":-1}`, 400, "bad_value", "position"},
		{"change to half a position", "PATCH", messages + "/some", `{"position":0.5}`, 400, "bad_json", "position"},
		{"change of something else", "PATCH", messages + "/some", `{"size":1}`, 400, "bad_json", "size"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, answer := c.request(tt.method, tt.path, tt.body)
			if code, field := fault(t, answer); res.StatusCode != tt.status || code != tt.code || field != tt.field {
				t.Errorf("%d %s %q", res.StatusCode, code, field)
			}
		})
	}
	if c.memoryStore.saved.Load() != 0 {
		t.Errorf("%d were saved", c.memoryStore.saved.Load())
	}
}

func TestSavedMessageThatTheStoreRefuses(t *testing.T) {
	c := start(t)
	for path, want := range map[string]string{
		"POST /api/services/one/messages?type=text&name=one%20too%20many": "saved_full",
		"PUT /api/services/one/messages/gone?type=text&name=a":            "saved_not_found",
	} {
		method, path, _ := strings.Cut(path, " ")
		res, answer := c.request(method, path, "x")
		if code, _ := fault(t, answer); code != want || res.StatusCode < http.StatusBadRequest {
			t.Errorf("%s: %d %s", path, res.StatusCode, answer)
		}
	}
}
