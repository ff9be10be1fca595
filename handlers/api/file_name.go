package api

import (
	"duplex/bridge/transcript"
)

// extensionOf returns the file name extension for the payload of a row.
func extensionOf(row transcript.Row) string {
	switch row.Opcode {
	case transcript.Text:
		return "txt"
	case transcript.Binary:
		return "bin"
	default:
		return "json"
	}
}

// errorOf drops the value beside an error.
func errorOf[T any](_ T, err error) error { return err }
