package shape

import (
	"strconv"

	"duplex/bridge"
	"duplex/bridge/speech"
	"duplex/bridge/wire"
	"duplex/views/text"
)

// Playing maps the progress of speech.
func Playing(t *text.Catalogue, p *bridge.Playing) *wire.Playing {
	return &wire.Playing{
		ID: p.ID, SentMS: p.Sent.Milliseconds(), TotalMS: p.Total.Milliseconds(), State: string(p.State), Paused: p.Paused, Live: p.Live, Notes: Notes(t, p.Notes),
	}
}

// Notes maps changes of audio to sentences.
func Notes(t *text.Catalogue, notes []speech.Note) []string {
	out := []string{}
	for _, n := range notes {
		unit := int64(1)
		if n.Code == speech.NoteResampled {
			unit = 1000 // kHz
		}
		out = append(out, t.Say("speech.note."+string(n.Code), map[string]string{"from": inUnits(n.From, unit), "to": inUnits(n.To, unit)}))
	}
	return out
}

func inUnits(n, unit int64) string {
	return strconv.FormatFloat(float64(n)/float64(unit), 'f', -1, 64)
}
