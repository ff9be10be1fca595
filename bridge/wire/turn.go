package wire

import "duplex/bridge/dialect"

// TurnUpdate is a turn without its texts, which grow, and the changes of the texts.
type TurnUpdate struct {
	Turn  dialect.Turn `json:"turn"` // its text is empty; its segments are those after KeepSegments
	Texts []TextUpdate `json:"texts"`

	KeepSegments int `json:"keep_segments"` // of the segments that the viewer has
}

// TextUpdate changes a text that the viewer has: Text takes the place of all that comes after
// the first Keep UTF-16 code units.
type TextUpdate struct {
	Stream dialect.Stream `json:"stream"`
	Keep   int            `json:"keep"`
	Text   string         `json:"text"`
}

// Playing is the progress of speech that is sent to the target.
type Playing struct {
	ID      string   `json:"id"`
	SentMS  int64    `json:"sent_ms"`
	TotalMS int64    `json:"total_ms"`
	State   string   `json:"state"`            // playing, done, stopped, failed
	Paused  bool     `json:"paused,omitempty"` // by a person
	Live    bool     `json:"live,omitempty"`   // from a microphone
	Notes   []string `json:"notes,omitempty"`  // how the speech was converted, for people
}

// AudioFormat is the form in which a dialect sends speech.
type AudioFormat struct {
	Rate     int              `json:"rate"` // Hz
	Encoding dialect.Encoding `json:"encoding"`
	Channels int              `json:"channels"`
	FrameMS  int              `json:"frame_ms"`
}

// Limits are the limits of a service; 0 is none.
type Limits struct {
	MessageBytes  int64   `json:"message_bytes,omitempty"`
	FrameMinBytes int64   `json:"frame_min_bytes,omitempty"` // of a frame of audio
	FrameMaxBytes int64   `json:"frame_max_bytes,omitempty"`
	Rate          float64 `json:"rate,omitempty"` // of audio; 1 is real time
	IdleMS        int64   `json:"idle_ms,omitempty"`
	IdleAudio     bool    `json:"idle_audio,omitempty"` // only audio ends the idle time
	GapMS         int64   `json:"gap_ms,omitempty"`     // between two frames of audio
	AudioMS       int64   `json:"audio_ms,omitempty"`   // of one turn
	SessionMS     int64   `json:"session_ms,omitempty"`
	RequestMS     int64   `json:"request_ms,omitempty"` // from the mark to done
	Chars         int     `json:"chars,omitempty"`      // of one text
}
