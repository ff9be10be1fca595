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
		out = append(out, t.Say("speech.note."+string(n.Code), map[string]string{
			"from": strconv.FormatInt(n.From, 10), "to": strconv.FormatInt(n.To, 10),
		}))
	}
	return out
}
