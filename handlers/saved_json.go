package handlers

import (
	"duplex/bridge"
	"duplex/bridge/wire"
)

// savedJSON is a saved message as it is shown: all but its bytes.
type savedJSON struct {
	ID          string             `json:"id"`
	Name        string             `json:"name"`
	Folder      string             `json:"folder"`
	Position    int                `json:"position"`
	Type        bridge.MessageType `json:"type"`
	Opcode      string             `json:"opcode"`
	Size        int64              `json:"size"`
	UpdatedAtUS int64              `json:"updated_at_us"`
}

func savedJSONOf(m *bridge.SavedMessage) savedJSON {
	return savedJSON{
		ID: m.ID, Name: m.Name, Folder: m.Folder, Position: m.Position, Type: m.Type,
		Opcode: string(m.Type.Opcode()), Size: m.Size, UpdatedAtUS: wire.Micros(m.UpdatedAt),
	}
}
