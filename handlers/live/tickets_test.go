package live

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

func TestTicketsAreTakenOffAndTheRestKeepsItsSpelling(t *testing.T) {
	for name, tt := range map[string]struct {
		offered, query           string
		found                    []string
		offeredAfter, queryAfter string
	}{
		"none":             {"a, b", "x=1&ticket=mine&&y", nil, "a, b", "x=1&ticket=mine&&y"},
		"subprotocol":      {"a,duplex.ticket.dpt_1, b", "sig=a%2Bb/c=&flag", []string{"dpt_1"}, "a, b", "sig=a%2Bb/c=&flag"},
		"alone":            {"duplex.ticket.dpt_1", "", []string{"dpt_1"}, "", ""},
		"one without mark": {"duplex.ticket.x", "", []string{"x"}, "", ""},
		"query":            {"a", "sig=a%2Bb/c=&ticket=dpt_2&flag&t=00:00", []string{"dpt_2"}, "a", "sig=a%2Bb/c=&flag&t=00:00"},
		"query first":      {"", "ticket=dpt_2&a=1", []string{"dpt_2"}, "", "a=1"},
		"query alone":      {"", "ticket=dpt_2", []string{"dpt_2"}, "", ""},
		"as a subprotocol": {"", "ticket=duplex.ticket.dpt_2&a", []string{"dpt_2"}, "", "a"},
		"another name":     {"", "my_ticket=dpt_2&tickets=dpt_3", nil, "", "my_ticket=dpt_2&tickets=dpt_3"},
		"another case":     {"a, Duplex.TICKET.dpt_1", "", []string{"dpt_1"}, "a", ""},
		"name in capitals": {"", "a&Ticket=dpt_2", []string{"dpt_2"}, "", "a"},
		"name escaped":     {"", "t%69cket=dpt_2&a=%2F", []string{"dpt_2"}, "", "a=%2F"},
		"value escaped":    {"", "ticket=%64pt%5F2&a", []string{"dpt_2"}, "", "a"},
		"twice in a query": {"", "ticket=dpt_2&ticket=dpt_2", []string{"dpt_2", "dpt_2"}, "", ""},
		"nothing in it":    {"a", "ticket=&ticket&=dpt_2", nil, "a", "ticket=&ticket&=dpt_2"},
		"both":             {"duplex.ticket.dpt_1", "ticket=dpt_2", []string{"dpt_1", "dpt_2"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/relay/one/a%20b?"+tt.query, nil)
			if tt.offered != "" {
				r.Header.Set("Sec-WebSocket-Protocol", tt.offered)
			}
			found, _ := takeTickets(r)
			if !slices.Equal(found, tt.found) {
				t.Errorf("found %q", found)
			}
			if got := r.Header.Get("Sec-WebSocket-Protocol"); got != tt.offeredAfter {
				t.Errorf("offered %q", got)
			}
			if r.URL.RawQuery != tt.queryAfter || r.URL.EscapedPath() != "/relay/one/a%20b" {
				t.Errorf("address %s", r.URL)
			}
		})
	}
}
