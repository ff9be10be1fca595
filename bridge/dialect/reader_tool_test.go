package dialect

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// builtin returns a dialect of the program.
func builtin(t *testing.T, name string) *Dialect {
	t.Helper()
	d, found := Builtin(name)
	if !found {
		t.Fatalf("no dialect %s", name)
	}
	return d
}

// The messages are those of the services' documents.
func TestToolCallsHaveTheirResults(t *testing.T) {
	for name, write := range map[string]func(*book){
		"openai-realtime": func(b *book) {
			b.sends(0, `{"type":"response.create"}`)
			b.gets(10, `{"type":"response.output_item.added","item":{"id":"item_f","type":"function_call","status":"in_progress","name":"find","call_id":"call_1","arguments":""}}`)
			b.gets(20, `{"type":"response.output_item.done","item":{"id":"item_f","type":"function_call","status":"completed","name":"find","call_id":"call_1","arguments":"{\"city\":\"Lisbon\"}"}}`)
			b.gets(30, `{"type":"response.done","response":{"status":"completed"}}`)
			b.sends(432, `{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"call_1","output":"{\"found\":6}"}}`)
			b.sends(440, `{"type":"response.create"}`)
			b.gets(500, `{"type":"response.output_text.delta","delta":"Six."}`)
			b.gets(510, `{"type":"response.done","response":{"status":"completed"}}`)
		},
		"gemini-live": func(b *book) {
			b.sends(0, `{"clientContent":{"turns":[{"role":"user","parts":[{"text":"hi"}]}],"turnComplete":true}}`)
			b.hears(20, `{"toolCall":{"functionCalls":[{"id":"call_1","name":"find","args":{"city":"Lisbon"}}]}}`)
			b.sends(432, `{"toolResponse":{"functionResponses":[{"id":"call_1","name":"find","response":{"found":6}}]}}`)
			b.hears(500, `{"serverContent":{"outputTranscription":{"text":"Six."}}}`)
			b.hears(510, `{"serverContent":{"turnComplete":true}}`)
		},
		"elevenlabs-agent": func(b *book) {
			b.sends(0, `{"type":"user_message","text":"hi"}`)
			b.gets(20, `{"type":"client_tool_call","client_tool_call":{"tool_name":"find","tool_call_id":"call_1","parameters":{"city":"Lisbon"}}}`)
			b.sends(432, `{"type":"client_tool_result","tool_call_id":"call_1","result":"{\"found\":6}","is_error":false}`)
			b.gets(500, `{"type":"agent_response","agent_response_event":{"agent_response":"Six.","event_id":1}}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var b book
			write(&b)
			first := b.turns(builtin(t, name))[0]
			if len(first.Tools) != 1 {
				t.Fatalf("calls: %s", asJSON(first.Tools))
			}
			got := first.Tools[0]
			want := ToolCall{
				ID: "call_1", Name: "find", Arguments: `{"city":"Lisbon"}`, Result: `{"found":6}`,
				AtUS: us(20), DoneUS: us(432), Seq: got.Seq, DoneSeq: got.DoneSeq,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("call (-want +got):\n%s", diff)
			}
			for seq, part := range map[int64]string{got.Seq: "Lisbon", got.DoneSeq: "found"} {
				if seq == 0 || !strings.Contains(string(b.messages[seq-1].Payload), part) {
					t.Errorf("message %d has no %q", seq, part)
				}
			}
		})
	}
}

func TestAnInterruptionIsKeptWithWhatWasHeard(t *testing.T) {
	const append = `{"type":"response.output_audio.delta","delta":"AAAA"}`
	for name, write := range map[string]func(*book){
		"openai-realtime": func(b *book) { // cancelled by the service, and cut by the client afterwards
			b.sends(0, `{"type":"response.create"}`).gets(100, append)
			b.gets(2000, `{"type":"response.done","response":{"status":"cancelled","status_details":{"type":"cancelled","reason":"turn_detected"}}}`)
			b.sends(2074, `{"type":"conversation.item.truncate","item_id":"item_a","content_index":0,"audio_end_ms":2100}`)
			b.gets(2090, `{"type":"conversation.item.truncated","item_id":"item_a","content_index":0,"audio_end_ms":2100}`)
		},
		"gemini-live": func(b *book) {
			b.sends(0, `{"clientContent":{"turns":[{"role":"user","parts":[{"text":"hi"}]}],"turnComplete":true}}`)
			b.hears(100, `{"serverContent":{"outputTranscription":{"text":"Six."}}}`)
			b.hears(2000, `{"serverContent":{"interrupted":true}}`).hears(2001, `{"serverContent":{"turnComplete":true}}`)
		},
		"elevenlabs-agent": func(b *book) {
			b.sends(0, `{"type":"user_message","text":"hi"}`)
			b.gets(100, `{"type":"agent_response","agent_response_event":{"agent_response":"Six flights.","event_id":1}}`)
			b.gets(2000, `{"type":"interruption","interruption_event":{"event_id":1}}`)
			b.gets(2010, `{"type":"agent_response_correction","agent_response_correction_event":{"original_agent_response":"Six flights.","corrected_agent_response":"Six","event_id":1}}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var b book
			write(&b)
			got := b.turns(builtin(t, name))[0].Interrupted
			if got == nil || got.AtUS != us(2000) || got.Seq != 3 {
				t.Fatalf("interruption: %s", asJSON(got))
			}
			if name == "openai-realtime" && got.PlayedMS != 2100 {
				t.Errorf("heard %d ms", got.PlayedMS)
			}
		})
	}
}

// An answer is often sent whole before it was played: the client tells afterwards what was heard.
func TestAnAnswerThatIsDoneMayBeInterrupted(t *testing.T) {
	var b book
	b.sends(0, `{"type":"response.create"}`).gets(100, `{"type":"response.output_audio.delta","delta":"AAAA"}`)
	b.gets(200, `{"type":"response.done","response":{"status":"completed"}}`)
	b.sends(900, `{"type":"conversation.item.truncate","item_id":"item_a","content_index":0,"audio_end_ms":700}`)
	b.sends(950, `{"type":"response.create"}`).gets(1000, `{"type":"response.output_audio.delta","delta":"AAAA"}`)
	turns := b.turns(builtin(t, "openai-realtime"))
	if got := turns[0].Interrupted; got == nil || *got != (Interruption{AtUS: us(900), Seq: 4, PlayedMS: 700}) {
		t.Errorf("interruption: %s", asJSON(got))
	}
	if turns[0].State != TurnDone || turns[1].Interrupted != nil {
		t.Errorf("turns: %s", asJSON(turns))
	}
}

func TestToolCallsAreBounded(t *testing.T) {
	var b book
	b.sends(0, `{"type":"response.create"}`)
	for i := range maxToolCalls + 10 {
		b.gets(10, fmt.Sprintf(`{"type":"response.output_item.done","item":{"type":"function_call","name":"find","call_id":"%d","arguments":"%s"}}`, i, strings.Repeat("x", maxToolText+10)))
	}
	if got := b.one(t, builtin(t, "openai-realtime")).Tools; len(got) != maxToolCalls || len(got[0].Arguments) != maxToolText {
		t.Errorf("%d calls", len(got))
	}
}

func TestASegmentTellsHowItGrew(t *testing.T) {
	var b book
	b.speaks(0, "aaaa").gets(50, `{"text":"We"}`).speaks(100, strings.Repeat("b", 3200)).gets(150, `{"text":"We would","final":true}`)
	b.speaks(200, "cccc").gets(250, `{"text":"like"}`)
	got := b.one(t, parse(t, heardDialect)).Segments
	want := []Segment{
		{Stream: StreamAnswer, Text: "We would", Final: true, Seq: 4, AtUS: us(150), FirstSeq: 2, FirstUS: us(50), Texts: 2, SentMS: 100},
		{Stream: StreamAnswer, Text: "like", Seq: 6, AtUS: us(250), FirstSeq: 6, FirstUS: us(250), Texts: 1, FirstSentMS: 100, SentMS: 100},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("segments (-want +got):\n%s", diff)
	}
}
