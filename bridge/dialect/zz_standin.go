package dialect

// Last returns the state of the newest turn; n is 0 without one.
func (r *Reader) Last() (n int, state TurnState, markUS int64, err *TurnError) { return 0, "", 0, nil }
