package dialect_test

import (
	"net/url"
	"testing"

	"duplex/bridge/dialect"
)

func TestRecognitionSuitsAddresses(t *testing.T) {
	tests := []struct {
		hosts, paths []string
		address      string
		want         bool
	}{
		{[]string{"*.example.com"}, []string{"/v1/asr*"}, "wss://eu.Example.com/v1/asr-stream?x=1", true},
		{[]string{"*.example.com"}, []string{"/v1/asr*"}, "wss://eu.example.com:443/v1/tts", false},
		{[]string{"*.example.com"}, nil, "wss://example.com/", false},
		{[]string{"a.example", "b.example"}, nil, "wss://b.example/any", true},
		{nil, []string{"/v1/*/rasr/*-stream"}, "ws://127.0.0.1/v1/p/rasr/short-stream", true},
		{nil, []string{"/v1/*/rasr/*-stream"}, "ws://127.0.0.1/v1/rasr/-stream", false},
		{nil, nil, "wss://a.example/", false},
		{[]string{"a*a"}, nil, "wss://a/", false},
	}
	for _, tt := range tests {
		u, err := url.Parse(tt.address)
		if err != nil {
			t.Fatal(err)
		}
		r := dialect.Recognition{Hosts: tt.hosts, Paths: tt.paths}
		if got := r.Suits(u); got != tt.want {
			t.Errorf("%v %v suits %s: %t", tt.hosts, tt.paths, tt.address, got)
		}
	}
}
