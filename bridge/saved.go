package bridge

import (
	"time"

	"duplex/bridge/transcript"
)

// MaxSavedMessages is how many messages are kept with one service.
const MaxSavedMessages = 500

// SavedMessage is a message kept with a service, to be sent again. Its bytes are
// read apart, so that a list costs nothing of large ones.
type SavedMessage struct {
	ID        string
	ServiceID string
	Name      string
	Folder    string // "" is none
	Position  int    // in its folder, from 0
	Type      MessageType
	Size      int64
	Version   int64 // of its bytes: grows when they are replaced
	UpdatedAt time.Time
}

// SavedChange is what becomes of a saved message whose bytes stay. What is nil stays
// too, but a message that changes its folder goes to the end of the new one.
type SavedChange struct {
	Name     *string
	Folder   *string
	Position *int // beyond the end is the end
}

// MessageType is how a message is written: it decides the opcode.
type MessageType string

// The types of messages.
const (
	TypeText   MessageType = "text"
	TypeJSON   MessageType = "json"
	TypeXML    MessageType = "xml"
	TypeHTML   MessageType = "html"
	TypeHex    MessageType = "hex"
	TypeBase64 MessageType = "base64"
	TypeFile   MessageType = "file"
)

// Opcode returns what a message of this type is sent as; "" when there is no such type.
func (t MessageType) Opcode() transcript.Opcode {
	switch t {
	case TypeText, TypeJSON, TypeXML, TypeHTML:
		return transcript.Text
	case TypeHex, TypeBase64, TypeFile:
		return transcript.Binary
	default:
		return ""
	}
}
