package emulate

import (
	"net/http"
	"strconv"
	"strings"
)

// modelArtsChat is a container that streams tokens: {"prompt": "..."} comes in, chunks of a
// chat completion go out, the last one with the reason and the usage. ModelArts itself sets
// no format; the handshake is a service's with a token (support.huaweicloud.com,
// inference-modelarts-0106).
func modelArtsChat() Emulator {
	return Emulator{
		Name: "modelarts-chat", Path: "/v1/infers/e1f4-0a7d",
		Vars: map[string]string{"model": "duplex-demo"}, Secrets: map[string]string{"token": Key},
		Text: true, Faults: []string{"context_length_exceeded"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if admitToken(w, r) {
					converse(w, r, o, nil, chat)
				}
			})
		},
	}
}

// admitToken refuses a handshake without the token as the API gateway (APIG) does.
func admitToken(w http.ResponseWriter, r *http.Request) bool {
	switch r.Header.Get("X-Auth-Token") {
	case Key:
		return true
	case "":
		refuse(w, http.StatusUnauthorized, apigFault{"APIG.0301", "Incorrect IAM authentication information: token is missing"})
	default:
		refuse(w, http.StatusUnauthorized, apigFault{"APIG.0301", "Incorrect IAM authentication information: decrypt token fail"})
	}
	return false
}

type apigFault struct {
	Code    string `json:"error_code"`
	Message string `json:"error_msg"`
}

// chat answers each prompt in turn.
func chat(c *call) error {
	for answers := 1; ; answers++ {
		m, err := c.next(0)
		if err != nil {
			return err
		}
		c.Record.mark(m.at)
		prompt, err := parseObject(m.payload)
		switch {
		case err != nil || m.binary:
			err = c.sendJSON(chatFault("invalid_json", "the prompt is no JSON object in a text message"))
		case prompt.text("prompt") == "":
			err = c.sendJSON(chatFault("missing_prompt", "the field prompt is required"))
		case prompt.foreign("prompt", "model", "stream") != "":
			err = c.sendJSON(chatFault("unknown_field", "unknown field "+prompt.foreign("prompt", "model", "stream")))
		case c.Fault != "":
			err = c.sendJSON(chatFault(c.Fault, "the prompt has more tokens than the model takes"))
		default:
			err = c.complete(answers, prompt.text("prompt"))
		}
		if err != nil {
			return err
		}
	}
}

// complete sends the chunks of one completion.
func (c *call) complete(number int, prompt string) error {
	id := "chatcmpl-" + strconv.Itoa(number)
	tokens := pieces(c.Answer)
	for _, token := range tokens {
		if err := c.pause(c.Interval); err != nil {
			return err
		}
		c.wrote(token)
		if err := c.sendJSON(chatChunk(id, map[string]any{"content": token}, nil, nil)); err != nil {
			return err
		}
	}
	asked := len(strings.Fields(prompt))
	usage := map[string]int{"prompt_tokens": asked, "completion_tokens": len(tokens), "total_tokens": asked + len(tokens)}
	c.done()
	return c.sendJSON(chatChunk(id, map[string]any{}, "stop", usage))
}

func chatChunk(id string, delta map[string]any, finish any, usage any) map[string]any {
	chunk := map[string]any{
		"id": id, "object": "chat.completion.chunk",
		"choices": []any{map[string]any{"index": 0, "delta": delta, "finish_reason": finish}},
	}
	if usage != nil {
		chunk["usage"] = usage
	}
	return chunk
}

func chatFault(code, message string) map[string]any {
	return map[string]any{"error": map[string]any{"code": code, "message": message}}
}
