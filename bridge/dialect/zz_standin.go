package dialect

// HasChunk reports whether the template uses chunk.
func (m *Message) HasChunk() bool { return true }
