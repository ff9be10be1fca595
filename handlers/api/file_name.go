package api

import (
	"duplex/bridge/transcript"
)

// ending is that of a file's name.
func ending(row transcript.Row) string {
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
