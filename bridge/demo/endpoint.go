package demo

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// script runs an endpoint for one peer. When it returns without closing the connection,
// the connection is cut.
type script func(ctx context.Context, p *peer) error

// input names the goroutine that reads the peer's messages.
type input int

const (
	direct  input = iota // the script, between its answers
	queued               // a reader beside it, into the inbox
	ignored              // a reader beside it, which drops it
)

// endpoint is one way to behave. prepare reads the parameters before the handshake
// is answered, so that a wrong one is a 400.
type endpoint struct {
	prepare func(*Demo, *params) script
	input   input
}

// endpoints returns the endpoints by name.
func endpoints() map[string]endpoint {
	return map[string]endpoint{
		"echo":    {prepareEcho, direct},
		"stream":  {prepareStream, queued},
		"ticker":  {prepareTicker, ignored},
		"big":     {prepareBig, direct},
		"slow":    {prepareSlow, queued},
		"close":   {prepareClose, direct},
		"headers": {prepareHeaders, direct},
	}
}

// params reads query parameters and keeps the first mistake.
type params struct {
	values  url.Values
	refused *refusal
}

// number returns a whole number from least to most.
func (p *params) number(name string, otherwise, least, most int) int {
	text := p.values.Get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		p.refuse("query parameter %s is not a whole number from %d to %d", name, least, most)
	}
	return n
}

// word returns one of choices; the first is the default.
func (p *params) word(name string, choices ...string) string {
	word := p.values.Get(name)
	if word == "" {
		return choices[0]
	}
	if !slices.Contains(choices, word) {
		p.refuse("query parameter %s is none of %s", name, strings.Join(choices, ", "))
	}
	return word
}

func (p *params) refuse(format string, args ...any) {
	if p.refused == nil {
		p.refused = &refusal{status: http.StatusBadRequest, message: fmt.Sprintf(format, args...)}
	}
}
