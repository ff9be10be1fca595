package dialect

import "duplex/bridge/transcript"

// Greeting returns the label of the message that a service sends first, before it was sent
// anything; "" when its dialect expects none, or the message has no label.
func (d *Dialect) Greeting() (label string, expected bool) {
	var greeting Match
	switch {
	case len(d.Open) > 0:
		greeting = d.Open[0].Wait
	case d.Text == nil || len(d.Text.Send) == 0 || d.Text.Send[0].Send != nil:
		greeting = d.Receive.Ready
	}
	for i := range greeting {
		c := &greeting[i]
		if c.test == testLiteral && c.Path.String() == d.Receive.Label.String() {
			return c.Value, true
		}
	}
	return "", len(greeting) > 0
}

// ErrorOf returns the error that a received message reports; false when it reports none.
func (d *Dialect) ErrorOf(m *transcript.Message) (TurnError, bool) {
	e := d.unpackHead(m)
	for i := range d.Receive.Errors {
		rule := &d.Receive.Errors[i]
		if rule.When.Holds(e) {
			code, _ := rule.Code.Text(e)
			message, _ := rule.Message.Text(e)
			return TurnError{Code: code, Message: message}, true
		}
	}
	return TurnError{}, false
}
