package live

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestRelayAppendsPathAndQueryAsTheyCame(t *testing.T) {
	tests := []struct{ address, request, want string }{
		{"ws://host/v1/x", "/relay/one/", "ws://host/v1/x"},
		{"ws://host/v1/x/", "/relay/one/", "ws://host/v1/x/"},
		{"ws://host/v1/x", "/relay/one/a/b", "ws://host/v1/x/a/b"},
		{"ws://host/", "/relay/one/a%20b", "ws://host/a%20b"},
		{"ws://host/x?k=1", "/relay/one/a?q=%2F&r", "ws://host/x/a?k=1&q=%2F&r"},
		{"ws://host/x", "/relay/one/?q=1", "ws://host/x?q=1"},
		{"ws://host/x?k=1", "/relay/my%20one/", "ws://host/x?k=1"},
		{"ws://host/x", "/relay/one", "ws://host/x"},
		{"ws://host/x?k=1", "/relay/one?q=a+b", "ws://host/x?k=1&q=a+b"},
		{"ws://host/x", "/relay/one/a%2Fb|c", "ws://host/x/a%2Fb|c"},
		{"ws://host/x", "/relay/one/%e5%9b%be%2f{id}", "ws://host/x/%e5%9b%be%2f{id}"},
		{"ws://host/x", "/relay/one/a?", "ws://host/x/a?"},
		{"ws://host/x?&", "/relay/one/", "ws://host/x?&"},
		{"ws://host/x?", "/relay/one?&a&&", "ws://host/x?&a&&"},
		{"ws://host/x", "/relay/one?q=\xc4\xe3", "ws://host/x?q=%C4%E3"},
	}
	for _, tt := range tests {
		if got := relayAddress(tt.address, httptest.NewRequest(http.MethodGet, tt.request, nil)); got != tt.want {
			t.Errorf("%s + %s = %s, want %s", tt.address, tt.request, got, tt.want)
		}
	}
}
