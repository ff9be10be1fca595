package reply

import (
	"fmt"
	"testing"

	"duplex/bridge/dial"
	"duplex/bridge/sign"
	"duplex/handlers/identity"
	"duplex/views/text"
)

func TestEveryErrorCodeHasASentence(t *testing.T) {
	catalogue, err := text.Load("en")
	if err != nil {
		t.Fatal(err)
	}
	for code, outcome := range outcomes {
		if heading := fmt.Sprint("page.problem.", outcome.status); !catalogue.Has("error."+string(code)) || !catalogue.Has(heading) {
			t.Errorf("error.%s has no sentence, or %s", code, heading)
		}
		if outcome.status < 400 || outcome.close < 1000 {
			t.Errorf("%s leaves as %+v", code, outcome)
		}
	}
}

// Every reason of the packages below has an error code.
func TestEveryReasonOfARefusalHasACode(t *testing.T) {
	for _, reason := range dial.HeaderReasons() {
		if f := MapHeader(&dial.HeaderError{Reason: reason}, "headers"); StatusOf(f.Code) == 0 {
			t.Errorf("%s becomes %q", reason, f.Code)
		}
	}
	for _, code := range []string{
		sign.CodeKindUnknown, sign.CodeFieldUnknown, sign.CodeMissingSecret, sign.CodeMissingField, sign.CodeBadValue,
		sign.CodeSecretTooShort,
		sign.CodeHeaderConflict, sign.CodeQueryConflict, sign.CodePathAmbiguous, sign.CodeQueryAmbiguous,
	} {
		if StatusOf(Code(code)) == 0 {
			t.Errorf("%s has no row", code)
		}
	}
}

// Every refusal has a sentence that tells an operator how to lift it.
func TestEveryRefusalSaysWhatAnOperatorCanDo(t *testing.T) {
	catalogue, err := text.Load("en")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range identity.AllRefusals() {
		if !catalogue.Has("identity.why."+code) || StatusOf(Code(code)) == 0 {
			t.Errorf("%s has no sentence, or no status", code)
		}
	}
}
