package api

import (
	"math"
	"net/http"

	"duplex/bridge/dialect"
	"duplex/handlers/reply"
)

// ReadLevels answers with the loudness of the next frames of one side of a turn.
func (h *Turns) ReadLevels(w http.ResponseWriter, r *http.Request) error {
	q := reply.ReadQuery(r)
	stream := streamOf(q)
	after := q.Number("after", 0, math.MaxInt64)
	if q.Err != nil {
		return q.Err
	}
	info, turn, d, err := h.loadSpoken(r)
	if err != nil {
		return err
	}
	levels := dialect.NewLevels(after)
	audio := dialect.NewAudioReader(d, info.Vars, *turn, stream)
	begin := audioBegin(d, turn, stream)
	if after > 0 && !audio.Learns() {
		begin = after + 1
	}
	last := min(turn.LastSeq, info.LastSeq)
	for m, err := range h.Load.Store.MessagesAfter(r.Context(), info.ID, begin-1) {
		if err != nil {
			return err
		}
		if m.Seq > last || levels.IsFull() {
			break
		}
		data, format := audio.Read(&m)
		if m.Seq <= after {
			continue
		}
		if err := levels.Add(&m, data, format); err != nil {
			return err
		}
	}
	levels.Ended = turn.State != dialect.TurnOpen && levels.Next >= last
	return reply.JSON(w, http.StatusOK, levels)
}

// ReadGrowth answers with the history of a sentence of a turn.
func (h *Turns) ReadGrowth(w http.ResponseWriter, r *http.Request) error {
	q := reply.ReadQuery(r)
	stream := streamOf(q)
	firstSeq := q.Number("first_seq", 0, math.MaxInt64)
	if q.Err != nil {
		return q.Err
	}
	info, turn, d, err := h.loadSpoken(r)
	if err != nil {
		return err
	}
	growth := dialect.NewGrowthReader(d, info.Vars, turn, stream, firstSeq)
	for m, err := range h.Load.Store.MessagesAfter(r.Context(), info.ID, growth.First()-1) {
		if err != nil {
			return err
		}
		if m.Seq > growth.Last() {
			break
		}
		growth.Read(&m)
	}
	return reply.JSON(w, http.StatusOK, growth.Growth())
}
