// Package dialect reads dialects: YAML files that tell how a kind of inference service speaks
// over WebSocket. It builds the messages to send, reads the messages received, and computes
// turns from a log. It opens no connection and reads no clock: both are handed in.
package dialect

import (
	"time"
)

// Limits of a dialect and of its work on one session.
const (
	MaxSource      = 64 << 10 // bytes of a dialect's file
	MaxCapture     = 64 << 10 // bytes of a captured value
	MaxReplyRate   = 10       // replies a second
	DefaultWithin  = 10 * time.Second
	DefaultRequest = 60 * time.Second // of a question, when the dialect has no limit
)

// Dialect is a dialect that was read by Parse. It does not change.
type Dialect struct {
	Name      string
	Title     map[string]string // by language
	Source    Origin
	Recognise Recognition
	Vars      []Var    // in the order of the file
	Secrets   []Secret // in the order of the file
	Mint      *Mint    // nil when no token is fetched before the handshake
	Sign      *Sign    // nil when nothing is signed
	Handshake Handshake
	Open      []Step // runs when the connection is open
	Audio     *AudioIn
	Text      *TextIn
	Sent      SentRules
	Receive   Receive
	Keepalive *Keepalive
	Replies   []Reply
	Finish    []Message // sent before we close the connection
	Cancel    []Message // stops an answer
	Limits    Limits
	Errors    map[string]Sentence // by code, close code or close reason
	Ignore    []Path              // left out when two runs are compared

	session  []Assignment     // evaluated once for each connection
	counters map[string]int64 // their first values
	source   []byte
	sum      string
}

// Bytes returns the file that the dialect was read from.
func (d *Dialect) Bytes() []byte { return d.source }

// Sum returns a hash of the file, in hex.
func (d *Dialect) Sum() string { return d.sum }

// Origin names the document that a dialect was written from.
type Origin struct {
	URL     string
	Checked string // the date, as 2006-01-02
	Until   string // the date on which it stops to be true; "" for none
}

// Recognition tells for which services a dialect is suggested. Patterns have "*" for any text.
type Recognition struct {
	Hosts, Paths []string
	Messages     []Match // of received messages; one is enough
}

// Var is a value that is asked when a service is made. It is required without a default.
type Var struct {
	Name     string
	Title    map[string]string
	Default  string
	Required bool
}

// Secret is a sealed value that a dialect needs.
type Secret struct {
	Name     string
	Optional bool
}

// Assignment gives a value to a name.
type Assignment struct {
	Name  string
	Value *Template
}

// Mint is an HTTP request that is made before the handshake. A URL that begins with "/" is at
// the host of the service. Take names captured values by
// the path to them in the JSON answer; "url" replaces the address of the handshake, "expires"
// is a time or a number of seconds since 1970.
type Mint struct {
	Method  string
	URL     *Template
	Headers []Assignment
	Body    *Template // nil for none
	Take    map[string]Path
}

// Sign computes values for the handshake, in this order. $query_sorted is the query with all
// parameters set so far.
type Sign struct {
	Let, Query, Then, QueryAfter, Headers []Assignment
}

// Handshake is what a dialect adds to the handshake.
type Handshake struct {
	Headers, Query []Assignment
	Subprotocols   []*Template
}

// Step is one step of a script; Send, Wait, Capture or Quiet is set.
type Step struct {
	Send    *Message
	Wait    Match
	Capture map[string]Path // from the message that the last Wait matched
	Within  time.Duration   // of Wait; DefaultWithin when 0
	Quiet   time.Duration   // waits until no message came for so long, at most DefaultWithin
}

// Encoding is an encoding of audio samples.
type Encoding string

// The encodings.
const (
	S16LE Encoding = "s16le"
	F32LE Encoding = "f32le"
	MuLaw Encoding = "mulaw"
	ALaw  Encoding = "alaw"
	Opus  Encoding = "opus" // in Ogg, passed through
)

// Container tells what is done with the header of a WAV file.
type Container string

// The containers.
const (
	ContainerStrip     Container = "strip"      // samples only; the default
	ContainerKeep      Container = "keep"       // the header goes first, in a frame of its own
	ContainerWAVStream Container = "wav-stream" // a header of unknown length is the beginning of the first frame
)

// AudioIn tells how speech is sent.
type AudioIn struct {
	Rate      *Template // a number of Hz
	Encoding  Encoding
	Channels  int
	Frame     time.Duration // of one frame; 0 when FrameSize is set
	FrameSize int           // bytes of one frame
	Pace      float64       // 1 is real time, 0 is as fast as the connection takes it
	Container Container
	First     *Message // of the first frame; nil is as FrameMessage
	Each      *Message // of every frame
	Last      *Message // of the last frame; nil is as FrameMessage
	End       []Step   // after the last frame
	Silence   time.Duration
	MarkEnd   bool // a message of End is the mark, in place of the last frame
}

// TextIn tells how a text is sent.
type TextIn struct {
	Send []Step
	Mark int // the index in Send of the message that is the mark
}

// SentRules tell how further messages that a client sends are read. Their paths look into JSON.
type SentRules struct {
	ToolResults []ToolResultRule
	Interrupted []InterruptedRule
}

// EnvelopeKind is the form of received messages.
type EnvelopeKind string

// The envelopes.
const (
	EnvelopeJSON         EnvelopeKind = "json" // of text messages; a binary message has no fields
	EnvelopeJSONInBinary EnvelopeKind = "json-in-binary"
	EnvelopeHeaders      EnvelopeKind = "headers"
	EnvelopeLayout       EnvelopeKind = "layout"
	EnvelopeText         EnvelopeKind = "text"
	EnvelopeJupyterV1    EnvelopeKind = "jupyter-v1"
	EnvelopeMsgpack      EnvelopeKind = "msgpack"
)

// Stream names a side of a turn.
type Stream string

// The streams.
const (
	StreamAnswer Stream = "answer"
	StreamUser   Stream = "user" // what a recogniser heard, where an answer may follow
)

// TextMode tells how the texts of messages become one.
type TextMode string

// The text modes.
const (
	TextAppend  TextMode = "append"
	TextWhole   TextMode = "whole"   // each message has the text so far
	TextSegment TextMode = "segment" // interim until a final one
	TextKeyed   TextMode = "keyed"   // a later one with the same key replaces the earlier one
)

// Receive tells how received messages are read.
type Receive struct {
	Envelope    EnvelopeKind
	Layout      []LayoutField
	Label       Path
	Gist        Path
	Text        []TextRule
	Audio       []AudioRule
	Ready       Match // the service takes requests from now on; nil when it does at once
	Done        Done
	Errors      []ErrorRule
	ToolCalls   []ToolCallRule
	ToolResults []ToolResultRule
	Interrupted []InterruptedRule
	Usage       map[string]Path // "input_tokens", "output_tokens"
	ExpectClose []int
}

// ToolCallRule recognises calls of tools that the service asks for. Paths may select several
// values, one for each call.
type ToolCallRule struct {
	When                Match
	ID, Name, Arguments Path
}

// ToolResultRule recognises the results of calls.
type ToolResultRule struct {
	When       Match
	ID, Result Path
}

// InterruptedRule recognises the message that tells that an answer was interrupted.
type InterruptedRule struct {
	When     Match
	PlayedMS Path // the part of the answer that was heard; a zero Path is unknown
}

// TextRule takes text from the messages that match When.
type TextRule struct {
	Stream       Stream
	When         Match
	Path         Path
	Mode         TextMode
	Join         string // between pieces
	Final        Match  // of TextSegment; nil means that every piece is final
	Key          Path   // of TextKeyed
	ReplaceRange Path   // of TextKeyed: the first and the last key that a piece replaces
}

// AudioRule takes audio from the messages that match When.
type AudioRule struct {
	Stream   Stream
	When     Match
	Path     Path   // of a text in base64
	Binary   bool   // the message is the audio
	Field    string // the field of the envelope that is the audio
	Encoding Encoding
	Rate     int       // Hz; 0 when it comes from one of the next two
	RateText *Template // a number of Hz; nil for none
	RateFrom Path
}

// Done tells when a turn is done: one of the matches, a silence, or a close. Without
// any, the next mark and the end of the session end it.
type Done struct {
	Match   []Match
	Silence time.Duration
	Close   []int // close codes; one is enough
}

// ErrorRule recognises an error inside a message.
type ErrorRule struct {
	When          Match
	Code, Message Path
	Fatal         bool // the turn fails
}

// Keepalive tells what keeps an idle connection open.
type Keepalive struct {
	Every   time.Duration
	When    KeepaliveWhen
	Send    *Message
	Silence bool // send a frame of silence
}

// KeepaliveWhen names what a keep-alive message waits for.
type KeepaliveWhen string

// The occasions.
const (
	WhenIdleSent  KeepaliveWhen = "idle-sent"  // nothing was sent for Every
	WhenIdleAudio KeepaliveWhen = "idle-audio" // no audio was sent for Every
	WhenAlways    KeepaliveWhen = "always"
)

// Reply answers a received message.
type Reply struct {
	When Match
	Send *Message
}

// Limits are the limits of a service; 0 is none.
type Limits struct {
	Message            int64 // bytes
	FrameMin, FrameMax int64 // bytes of an audio frame
	Rate               float64
	Idle               time.Duration
	IdleCountsAudio    bool          // only audio ends the idle time
	Gap                time.Duration // between two audio frames
	Audio              time.Duration // of one turn
	Session            time.Duration
	Request            time.Duration // from the mark to done
	Chars              int           // of one text
}

// Sentence explains an error of a service, by language.
type Sentence struct {
	Cause, Fix map[string]string
}

// Turn is one request and its answer. Times are microseconds since 1970, from the stamps
// taken at the socket; 0 is absent.
type Turn struct {
	N              int              `json:"n"` // from 1
	State          TurnState        `json:"state"`
	FirstSeq       int64            `json:"first_seq"`
	LastSeq        int64            `json:"last_seq"`
	MarkSeq        int64            `json:"mark_seq,omitempty"` // of the message that asks for the answer
	MarkUS         int64            `json:"mark_us,omitempty"`
	AudioStartUS   int64            `json:"audio_start_us,omitempty"` // the first audio frame sent
	AudioEndUS     int64            `json:"audio_end_us,omitempty"`   // the last audio frame sent
	FirstMessageUS int64            `json:"first_message_us,omitempty"`
	FirstTextUS    int64            `json:"first_text_us,omitempty"` // interim text too
	FirstAudioUS   int64            `json:"first_audio_us,omitempty"`
	DoneUS         int64            `json:"done_us,omitempty"`
	DoneWhy        string           `json:"done_why,omitempty"` // in a word of the service, "stop"
	Text           TurnText         `json:"text"`
	Messages       int64            `json:"messages"` // in both directions
	Bytes          int64            `json:"bytes"`
	SentMessages   int64            `json:"sent_messages,omitempty"` // of messages
	SentBytes      int64            `json:"sent_bytes,omitempty"`    // of bytes
	Gaps           *Gaps            `json:"gaps,omitempty"`          // between received messages after the mark
	Usage          map[string]int64 `json:"usage,omitempty"`
	Error          *TurnError       `json:"error,omitempty"`
	Audio          *TurnAudio       `json:"audio,omitempty"`
	Unread         int64            `json:"unread,omitempty"`   // messages that did not fit the rules
	TextCut        bool             `json:"text_cut,omitempty"` // a text is longer than 4 MiB, and its end is left out
	Guessed        bool             `json:"guessed,omitempty"`  // no dialect says which text is the answer
	Request        string           `json:"request,omitempty"`  // the text that was asked
	Segments       []Segment        `json:"segments,omitempty"` // of the answer's text, where the dialect has segments
	Pace           *Pace            `json:"-"`                  // of the answer's text; nil without one
	Tools          []ToolCall       `json:"tools,omitempty"`    // in their order
	Interrupted    *Interruption    `json:"interrupted,omitempty"`
}

// ToolCall is a call of a tool that the service asked for. The last three are absent until its
// result is known.
type ToolCall struct {
	ID        string `json:"id,omitempty"`
	Name      string `json:"name"`
	Arguments string `json:"arguments,omitempty"` // JSON, where the service writes JSON
	Seq       int64  `json:"seq"`
	AtUS      int64  `json:"at_us"`
	Result    string `json:"result,omitempty"`
	DoneSeq   int64  `json:"done_seq,omitempty"`
	DoneUS    int64  `json:"done_us,omitempty"`
}

// Interruption is the moment at which an answer was interrupted.
type Interruption struct {
	AtUS     int64 `json:"at_us"`
	Seq      int64 `json:"seq"`                 // of the message that told it first
	PlayedMS int64 `json:"played_ms,omitempty"` // of the answer's audio that was heard; 0 is unknown
}

// TurnState is the state of a turn.
type TurnState string

// The states of a turn.
const (
	TurnOpen   TurnState = "open"
	TurnDone   TurnState = "done"
	TurnFailed TurnState = "failed" // an error of the service, or an unexpected close
	TurnCut    TurnState = "cut"    // the connection or Duplex ended it
)

// TurnText is the joined text of both sides.
type TurnText struct {
	Answer string `json:"answer"`
	User   string `json:"user,omitempty"`
}

// Gaps are the times between received messages.
type Gaps struct {
	P50US int64 `json:"p50_us"`
	P95US int64 `json:"p95_us"`
	MaxUS int64 `json:"max_us"`

	MaxSeq int64    `json:"max_seq,omitempty"` // the message after the greatest
	Series []uint32 `json:"series,omitempty"`  // in their order, each the greatest of as many gaps, at most 64
}

// TurnError is the error of a failed turn, in the service's own words. A turn that is not
// failed may have one too, when the dialect says that it is not fatal.
type TurnError struct {
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	Seq     int64  `json:"seq,omitempty"` // the message that has it; 0 for a close frame
}

// Words returns the error as people read it: "504: request timeout". It is "" for nil.
func (e *TurnError) Words() string {
	switch {
	case e == nil:
		return ""
	case e.Code == "" || e.Message == "":
		return e.Code + e.Message
	}
	return e.Code + ": " + e.Message
}

// TurnAudio is the length of the audio of both sides.
type TurnAudio struct {
	AnswerMS int64       `json:"answer_ms"`
	UserMS   int64       `json:"user_ms"`
	Answer   *TurnStream `json:"answer,omitempty"`
	User     *TurnStream `json:"user,omitempty"`
}

// TurnStream describes the audio of one side of a turn. Its format is that of the last message.
type TurnStream struct {
	Encoding  Encoding `json:"encoding"`
	Rate      int      `json:"rate,omitempty"` // Hz
	Channels  int      `json:"channels"`
	FormatSeq int64    `json:"format_seq,omitempty"` // the message that told the rate; 0 is the dialect
	Chunks    int64    `json:"chunks"`               // messages
	Bytes     int64    `json:"bytes"`
	LastUS    int64    `json:"last_us"` // the time of the last one
}

// Segment is a piece of text with the message that brought it.
type Segment struct {
	Stream Stream `json:"stream"`
	Text   string `json:"text"`
	Final  bool   `json:"final"`
	Seq    int64  `json:"seq"`
	AtUS   int64  `json:"at_us"`

	FirstSeq    int64 `json:"first_seq,omitempty"`     // the message that brought its first words
	FirstUS     int64 `json:"first_us,omitempty"`      // the time of that message
	Texts       int64 `json:"texts,omitempty"`         // messages that brought it
	FirstSentMS int64 `json:"first_sent_ms,omitempty"` // the audio that had been sent by its first words
	SentMS      int64 `json:"sent_ms,omitempty"`       // the audio that had been sent by this text
}

// Note is what a dialect says about one message of a log.
type Note struct {
	Label string
	Gist  string
	Joins TextMode // how a turn joins the gist to its text; "" when it does not
	Path  string   // that selects the joined text
	Sound *Sound   // the audio in it; nil for none
	Error bool     // it tells an error, fatal or not
}
