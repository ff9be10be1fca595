package demo

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// maxAnswer is the longest answer, in tokens.
const maxAnswer = 100_000

// stream answers like a language model: token by token, in JSON.
type stream struct {
	interval time.Duration // between two tokens
	length   int           // tokens of an answer; 0 is the text's own
	now      func() time.Time
	answers  int // so far, on this connection
}

// prepareStream reads ?interval_ms=&tokens=. Every text message is a prompt. A prompt
// during an answer waits for its turn.
func prepareStream(d *Demo, q *params) script {
	s := &stream{
		interval: time.Duration(q.number("interval_ms", 30, 0, 60_000)) * time.Millisecond,
		length:   q.number("tokens", 0, 0, maxAnswer), now: d.now,
	}
	return s.run
}

func (s *stream) run(ctx context.Context, p *peer) error {
	for m := range p.inbox {
		if m.opcode != websocket.MessageText {
			if err := sendJSON(ctx, p, streamFault{fault{"invalid_request", "a prompt is a text message"}}); err != nil {
				return err
			}
			continue
		}
		if err := s.answer(ctx, p, promptOf(m.payload)); err != nil {
			return err
		}
	}
	return nil
}

// answer sends the tokens, and the statistics at the end.
func (s *stream) answer(ctx context.Context, p *peer, prompt string) error {
	s.answers++
	c := chunk{ID: "demo-" + strconv.Itoa(s.answers), Object: "chat.completion.chunk", Created: s.now().Unix(), Model: "duplex-demo"}
	tokens, finish := s.tokens(prompt)
	for _, token := range tokens {
		if err := pause(ctx, s.interval); err != nil {
			return err
		}
		if err := sendJSON(ctx, p, c.with(choice{Delta: delta{Content: token}})); err != nil {
			return err
		}
	}
	last := c.with(choice{FinishReason: &finish})
	asked := len(strings.Fields(prompt))
	last.Usage = &usage{asked, len(tokens), asked + len(tokens)}
	return sendJSON(ctx, p, last)
}

// tokens returns the answer in pieces and why it ends there.
func (s *stream) tokens(prompt string) (tokens []string, finish string) {
	tokens = strings.SplitAfter(answerTo(prompt), " ")
	if s.length == 0 || s.length == len(tokens) {
		return tokens, "stop"
	}
	whole := tokens
	for len(tokens) < s.length {
		tokens = append(append(tokens, "\n\n"), whole...)
	}
	return tokens[:s.length], "length"
}

// promptOf returns the prompt of a message: {"prompt": "..."}, the last of {"messages":
// [{"content": "..."}]}, or the text itself.
func promptOf(payload []byte) string {
	var sent struct {
		Prompt   string `json:"prompt"`
		Messages []struct {
			Content string `json:"content"`
		} `json:"messages"`
	}
	text := string(payload)
	if err := json.Unmarshal(payload, &sent); err != nil {
		return text
	}
	if sent.Prompt != "" {
		return sent.Prompt
	}
	if n := len(sent.Messages); n > 0 && sent.Messages[n-1].Content != "" {
		return sent.Messages[n-1].Content
	}
	return text
}

// answerTo restates the question and gives some facts about the services that the demo
// emulates.
func answerTo(prompt string) string {
	const longest = 200 // characters of the prompt that are repeated
	asked := []rune(strings.TrimSpace(prompt))
	if len(asked) > longest {
		asked = append(asked[:longest], '…')
	}
	return "You asked: “" + string(asked) + "”. No model thinks about it here: this is the demo service, " +
		"which sends its answer piece by piece as a language model does. Each piece is one WebSocket message, " +
		"and the last one carries the reason it stopped and the token counts. " +
		"A ModelArts service behaves much the same. The handshake carries the credential; after it, both sides send when they like. " +
		"An old service (v1) takes requests of up to 12 MB and has 40 seconds to answer. " +
		"A new one (v2) has a timeout that is set at deployment and starts again with every transfer, " +
		"and it splits messages of more than 64 KB into several frames, which you get back in one piece. " +
		"A gateway cuts a connection that stays silent for too long, so a ping goes out every 20 seconds. " +
		"Send something while this is running: the answer goes on, and yours comes next."
}

// chunk is one message of an answer, in the shape that chat completions have.
type chunk struct {
	Choices []choice `json:"choices"` // first: a person reads it in the preview of one line
	Usage   *usage   `json:"usage,omitempty"`
	ID      string   `json:"id"`
	Object  string   `json:"object"`
	Created int64    `json:"created"`
	Model   string   `json:"model"`
}

type choice struct {
	Delta        delta   `json:"delta"`
	Index        int     `json:"index"`
	FinishReason *string `json:"finish_reason"` // null until the end
}

type delta struct {
	Content string `json:"content,omitempty"`
}

type usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	TotalTokens      int `json:"total_tokens"`
}

type streamFault struct {
	Error fault `json:"error"`
}

type fault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (c chunk) with(one choice) chunk {
	c.Choices = []choice{one}
	return c
}

func sendJSON(ctx context.Context, p *peer, v any) error {
	payload, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return p.send(ctx, message{websocket.MessageText, payload})
}
