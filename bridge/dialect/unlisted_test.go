package dialect

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"duplex/bridge/transcript"
	"duplex/bridge/vault"
)

// unlisted reads a dialect of a service that is not built in. Its file is as a stranger would
// write one: it needs no line of Go.
func unlisted(t *testing.T, name string) *Dialect {
	t.Helper()
	return parse(t, string(readFile(t, filepath.Join("testdata/unlisted", name+".yaml"))))
}

func TestUnlistedDialectsAreRead(t *testing.T) {
	files, err := os.ReadDir("testdata/unlisted")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name, _ := strings.CutSuffix(file.Name(), ".yaml")
		d := unlisted(t, name)
		if d.Name != name {
			t.Errorf("%s has the name %s", file.Name(), d.Name)
		}
		values := Values{Vars: map[string]string{}, Secrets: map[string]vault.Secret{}}
		for _, v := range d.Vars {
			if v.Required {
				values.Vars[v.Name] = "1"
			}
		}
		for _, s := range d.Secrets {
			values.Secrets[s.Name] = vault.NewSecret("key-of-" + name)
		}
		u, _ := url.Parse("ws://127.0.0.1/v1")
		c, err := d.Connect(values, u, began)
		if err != nil {
			t.Fatal(err)
		}
		actions := NewDriver(c).Start(began)
		for _, m := range actions.Send {
			if strings.Contains(string(m.Shown), "key-of-") {
				t.Errorf("%s shows a secret: %s", name, m.Shown)
			}
		}
	}
}

func TestUnlistedDialectsReadTurns(t *testing.T) {
	for name, c := range map[string]struct {
		log          *book
		answer, user string
		state        TurnState
		code         string
	}{
		"baidu-asr": {
			log: (&book{}).sends(0, `{"type":"START","data":{"appid":1,"appkey":"{{secret.app_key}}","dev_pid":15372,"cuid":"a","format":"pcm","sample":16000}}`).
				speaks(10, "abcd").speaks(170, "efgh").sends(180, `{"type":"FINISH"}`).
				gets(200, `{"err_no":0,"type":"MID_TEXT","result":"天"}`).gets(300, `{"err_no":0,"type":"FIN_TEXT","result":"天气。"}`).closes(400, 1000, "target"),
			answer: "天气。", state: TurnDone,
		},
		"speechmatics": {
			log: (&book{}).sends(0, `{"message":"StartRecognition","audio_format":{"type":"raw","encoding":"pcm_s16le","sample_rate":16000},"transcription_config":{"language":"en","enable_partials":true}}`).
				gets(5, `{"message":"RecognitionStarted","id":"x"}`).speaks(10, "abcd").sends(20, `{"message":"EndOfStream","last_seq_no":1}`).
				gets(30, `{"message":"AddPartialTranscript","metadata":{"transcript":"he"}}`).gets(40, `{"message":"AddTranscript","metadata":{"transcript":"Hello"}}`).
				gets(50, `{"message":"AddTranscript","metadata":{"transcript":"there."}}`).gets(60, `{"message":"EndOfTranscript"}`),
			answer: "Hello there.", state: TurnDone,
		},
		"home-assistant-assist": {
			log: (&book{}).gets(0, `{"type":"auth_required"}`).sends(1, `{"type":"auth","access_token":"{{secret.access_token}}"}`).gets(2, `{"type":"auth_ok"}`).
				sends(3, `{"id":1,"type":"assist_pipeline/run","start_stage":"stt","end_stage":"intent","input":{"sample_rate":16000}}`).
				gets(4, `{"id":1,"type":"event","event":{"type":"run-start","data":{"runner_data":{"stt_binary_handler_id":5}}}}`).
				speaks(10, "\x05abcd").speaks(74, "\x05efgh").speaks(138, "\x05").
				gets(200, `{"id":1,"type":"event","event":{"type":"stt-end","data":{"stt_output":{"text":"lights on"}}}}`).
				gets(250, `{"id":1,"type":"event","event":{"type":"intent-end","data":{"intent_output":{"response":{"speech":{"plain":{"speech":"Turned on."}}}}}}}`).
				gets(260, `{"id":1,"type":"event","event":{"type":"run-end"}}`),
			user: "lights on", answer: "Turned on.", state: TurnDone,
		},
		"cartesia-tts": {
			log: (&book{}).sends(0, `{"context_id":"c","model_id":"sonic-3","transcript":"hi","voice":{"mode":"id","id":"a0e99841"},"output_format":{"container":"raw","encoding":"pcm_s16le","sample_rate":24000},"continue":false}`).
				gets(10, `{"type":"error","status_code":402,"error":"no credit","done":true}`),
			state: TurnFailed, code: "402",
		},
		"jupyter": {
			log: (&book{}).sends(0, `{"channel":"shell","header":{"msg_id":"a","msg_type":"execute_request","session":"b","username":"","date":"c","version":"5.3"},"parent_header":{},"metadata":{},"content":{"code":"print(\"x\")","silent":false},"buffers":[]}`).
				hears(10, jupyter("iopub", `{"msg_type":"status"}`, `{"execution_state":"busy"}`)).
				hears(20, jupyter("iopub", `{"msg_type":"stream"}`, `{"name":"stdout","text":"x\n"}`)).
				hears(30, jupyter("iopub", `{"msg_type":"status"}`, `{"execution_state":"idle"}`)),
			answer: "x\n", state: TurnDone,
		},
	} {
		t.Run(name, func(t *testing.T) {
			turns := c.log.turns(unlisted(t, name))
			if len(turns) != 1 {
				t.Fatalf("turns %s", asJSON(turns))
			}
			turn := turns[0]
			code := ""
			if turn.Error != nil {
				code = turn.Error.Code
			}
			if turn.State != c.state || turn.Text.Answer != c.answer || turn.Text.User != c.user || code != c.code || turn.Unread != 0 {
				t.Errorf("turn %s", asJSON(turn))
			}
		})
	}
}

func jupyter(channel, header, content string) string {
	return string(packJupyter([]string{channel, header, "{}", "{}", content}))
}

func TestUnlistedEnvelopesAreRead(t *testing.T) {
	d := unlisted(t, "comfyui")
	e, err := d.Unpack(transcript.Binary, []byte("\x00\x00\x00\x01\x00\x00\x00\x02png"))
	if err != nil {
		t.Fatal(err)
	}
	wantPaths(t, e, map[string]string{"@event": "1", "@format": "2", "@image": "png"})
	e, err = d.Unpack(transcript.Text, []byte(`{"type":"executing","data":{"node":null}}`))
	if err != nil || !d.Receive.Done.Match[0].Holds(e) {
		t.Errorf("%+v, %v", e, err)
	}
}
