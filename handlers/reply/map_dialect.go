package reply

import (
	"errors"
	"strconv"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/bridge/speech"
)

// The variants of sentences about dialects.
const (
	variantNearest = "nearest" // the valid key or value is known
	variantText    = "text"
	variantCancel  = "cancel"
	variantAudio   = "audio"
	variantMint    = "mint" // the token was not IAM's
	variantLag     = "lag"
)

// mapDialectError maps errors about dialects and speech; nil for others.
func (m *Mapper) mapDialectError(err error) *Error {
	if syntax, ok := errors.AsType[*dialect.SyntaxError](err); ok {
		return mapSyntaxError(syntax)
	}
	if over, ok := errors.AsType[*bridge.OverLimitError](err); ok {
		return &Error{Code: CodeOverLimit, Field: string(over.Limit), rule: rule{limit: over.Max}, Values: map[string]string{
			"limit_name": string(over.Limit), "value": strconv.FormatInt(over.Value, 10), "limit": strconv.FormatInt(over.Max, 10),
		}}
	}
	if format, ok := errors.AsType[*speech.FormatError](err); ok {
		return &Error{Code: CodeBadAudio, Field: "body", variant: string(format.Reason)}
	}
	if step, ok := errors.AsType[*dialect.StepError](err); ok {
		return &Error{Code: CodeDialectFailed, Values: map[string]string{"why": step.Error()}}
	}
	if said, ok := errors.AsType[*dialect.ServiceError](err); ok {
		return &Error{Code: CodeDialectFailed, Values: map[string]string{"why": said.Error()}}
	}
	switch {
	case errors.Is(err, bridge.ErrNoDialect):
		return &Error{Code: CodeNoDialect}
	case errors.Is(err, bridge.ErrTakesNoCancel):
		return &Error{Code: CodeNoDialect, variant: variantCancel}
	case errors.Is(err, bridge.ErrTakesNoText):
		return &Error{Code: CodeNoDialect, variant: variantText}
	case errors.Is(err, bridge.ErrTakesNoAudio):
		return &Error{Code: CodeNoDialect, variant: variantAudio}
	case errors.Is(err, bridge.ErrAudioBusy):
		return &Error{Code: CodeAudioBusy}
	case errors.Is(err, bridge.ErrAudioLag):
		return &Error{Code: CodeAudioBusy, variant: variantLag}
	case m.StoreErrors.DialectTaken != nil && errors.Is(err, m.StoreErrors.DialectTaken):
		return &Error{Code: CodeDialectTaken, Field: "name"}
	case m.StoreErrors.TooManyDialects != nil && errors.Is(err, m.StoreErrors.TooManyDialects):
		return &Error{Code: CodeTooManyDialects, Values: map[string]string{"limit": strconv.Itoa(bridge.MaxDialects)}}
	}
	return nil
}

// mapSyntaxError maps the mistakes of a dialect. The sentence has the first one.
func mapSyntaxError(syntax *dialect.SyntaxError) *Error {
	f := &Error{Code: CodeBadDialect, Field: "dialect", syntax: syntax, Values: map[string]string{}}
	if len(syntax.Problems) > 0 {
		p := syntax.Problems[0]
		f.Values = map[string]string{
			"line": strconv.Itoa(p.Line), "column": strconv.Itoa(p.Column), "detail": p.Detail, "nearest": p.Nearest,
		}
		if p.Nearest != "" {
			f.variant = variantNearest
		}
	}
	return f
}
