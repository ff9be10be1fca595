package bridge

import (
	"time"

	"duplex/bridge/transcript"
)

// MaxSavedMessages is the number of messages that one service can keep.
const MaxSavedMessages = 500

// SavedMessage is a message kept with a service, to be sent again. Its bytes are not in it,
// so that lists stay small.
type SavedMessage struct {
	ID        string
	ServiceID string
	Name      string
	Folder    string // "" is none
	Position  int    // in its folder, from 0
	Type      MessageType
	Size      int64
	Version   int64 // grows when its bytes are replaced
	UpdatedAt time.Time
}

// SavedChange changes a saved message, but not its bytes. Nil fields stay as they are, but a
// message that changes its folder moves to the end of the new one.
type SavedChange struct {
	Name     *string
	Folder   *string
	Position *int // a position beyond the end is the end
}

// MessageType is the notation in which a person writes a message. It decides the opcode.
type MessageType string

// The message types.
const (
	TypeText   MessageType = "text"
	TypeJSON   MessageType = "json"
	TypeXML    MessageType = "xml"
	TypeHTML   MessageType = "html"
	TypeHex    MessageType = "hex"
	TypeBase64 MessageType = "base64"
	TypeFile   MessageType = "file"
)

// MessageTypes returns all message types.
func MessageTypes() []MessageType {
	return []MessageType{TypeText, TypeJSON, TypeXML, TypeHTML, TypeHex, TypeBase64, TypeFile}
}

// Opcode returns the opcode of a message of this type; "" for an unknown type.
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
