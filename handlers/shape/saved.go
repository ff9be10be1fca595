package shape

import (
	"duplex/bridge"
	"duplex/bridge/wire"
)

// Saved describes a saved message, without its payload.
type Saved struct {
	ID          string             `json:"id"`
	Name        string             `json:"name"`
	Folder      string             `json:"folder"`
	Position    int                `json:"position"`
	Type        bridge.MessageType `json:"type"`
	Opcode      string             `json:"opcode"`
	Size        int64              `json:"size"`
	UpdatedAtUS int64              `json:"updated_at_us"`
}

// SavedOf maps a saved message, without its payload.
func SavedOf(m *bridge.SavedMessage) Saved {
	return Saved{
		ID: m.ID, Name: m.Name, Folder: m.Folder, Position: m.Position, Type: m.Type,
		Opcode: string(m.Type.Opcode()), Size: m.Size, UpdatedAtUS: wire.Micros(m.UpdatedAt),
	}
}
