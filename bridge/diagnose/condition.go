package diagnose

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"

	"duplex/bridge/dial"
	"duplex/bridge/sign"
)

// condition is a question about the evidence.
type condition func(*clues) bool

// when returns a match for all conditions together, which offers action.
func when(action Action, all ...condition) func(*clues) (Finding, bool) {
	return func(c *clues) (Finding, bool) {
		for _, holds := range all {
			if !holds(c) {
				return Finding{}, false
			}
		}
		return Finding{Action: action}, true
	}
}

// whenToken is the variant of when for rules about a token: a token from IAM can be
// renewed, a pasted one must be replaced by a person.
func whenToken(all ...condition) func(*clues) (Finding, bool) {
	return func(c *clues) (Finding, bool) {
		action := ActionEditAuth
		if c.Report.CredentialKind == sign.KindIAMPassword {
			action = ActionRenewToken
		}
		return when(action, all...)(c)
	}
}

func either(any ...condition) condition {
	return func(c *clues) bool {
		return slices.ContainsFunc(any, func(holds condition) bool { return holds(c) })
	}
}

func all(conditions ...condition) condition {
	return func(c *clues) bool {
		return !slices.ContainsFunc(conditions, func(holds condition) bool { return !holds(c) })
	}
}

// The families. Each Evidence belongs to one of them.

func refusedHere(c *clues) bool {
	early := c.Report.Phase == dial.PhaseAddress || c.Report.Phase == dial.PhasePolicy
	return c.failed() && (early || !withoutCredential(c) && fails[*dial.AddressError](c))
}

// withoutProxy holds for a failure of the egress proxy, for a target or IAM.
func withoutProxy(c *clues) bool { return c.failed() && c.proxy() != nil }

func withoutCredential(c *clues) bool {
	return c.failed() && c.Report.Phase == dial.PhaseCredential
}

// reached holds for a failure after something was dialled.
func reached(c *clues) bool { return c.failed() && !refusedHere(c) && !withoutCredential(c) }

func withoutAnswer(c *clues) bool { return reached(c) && c.status == 0 }

func answered(c *clues) bool { return reached(c) && c.status != 0 }

func ended(c *clues) bool { return c.Closing != nil }

func not(holds condition) condition { return func(c *clues) bool { return !holds(c) } }

// Questions about the answer.

func status(codes ...int) condition {
	return func(c *clues) bool { return slices.Contains(codes, c.status) }
}

// gateway asks for an error code of the gateway or of ModelArts. The prefixes
// APIGW and APIC are older spellings of APIG.
func gateway(codes ...string) condition {
	return func(c *clues) bool { return slices.Contains(codes, c.answer.family()) }
}

// says holds if the body contains one of the phrases, which are in lower case.
func says(phrases ...string) condition {
	return func(c *clues) bool {
		return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(c.answer.lower, p) })
	}
}

// newInference holds for an address of the second generation of ModelArts inference.
func newInference(c *clues) bool { return strings.HasPrefix(c.url.Path, "/v2/infer") }

func kind(kinds ...sign.Kind) condition {
	return func(c *clues) bool { return slices.Contains(kinds, c.Report.CredentialKind) }
}

// sentNone holds if the request had no credential, not even in a header or parameter that a
// person added.
func sentNone(c *clues) bool { return kind("", sign.KindNone)(c) && len(c.hidden) == 0 }

// signed holds for the credential kinds with a time in their signature, which a wrong clock
// invalidates.
func signed(c *clues) bool {
	return kind(sign.KindAKSK, sign.KindAppSignature, sign.KindSigV4)(c)
}

// Questions about the error.

func phase(phases ...dial.Phase) condition {
	return func(c *clues) bool { return slices.Contains(phases, c.Report.Phase) }
}

func failsWith(targets ...error) condition {
	return func(c *clues) bool {
		return slices.ContainsFunc(targets, func(t error) bool { return errors.Is(c.Err, t) })
	}
}

// fails holds for a type of error.
func fails[E error](c *clues) bool {
	_, ok := errors.AsType[E](c.Err)
	return ok
}

// errorSays compares the text of errors that have no type or value in the standard library.
func errorSays(phrases ...string) condition {
	return func(c *clues) bool {
		text := textOf(c.Err)
		return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(text, p) })
	}
}

func timedOut(c *clues) bool {
	timeout, ok := errors.AsType[net.Error](c.Err)
	return errors.Is(c.Err, context.DeadlineExceeded) || ok && timeout.Timeout()
}

func always(*clues) bool { return true }

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
