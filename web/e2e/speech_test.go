//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"duplex/bridge/demo/emulate"
	"duplex/bridge/dialect"
	"duplex/bridge/testkit"
)

// spoken makes a WAV of a sentence, and skips the test where no program speaks.
func spoken(tb testing.TB, words string) string {
	tb.Helper()
	speak, err := exec.LookPath("espeak-ng")
	if err != nil {
		missing(tb, "espeak-ng", "apt-get install espeak-ng")
	}
	path := filepath.Join(tb.TempDir(), "spoken.wav")
	if out, err := exec.Command(speak, "-w", path, "-s", "150", words).CombinedOutput(); err != nil {
		tb.Fatalf("%v: %s", err, out)
	}
	return path
}

// playFile chooses a file of speech and starts it.
func (p *page) playFile(path, pace string) {
	p.t.Helper()
	p.click("mode-file")
	p.do(chromedp.SetUploadFiles(id("audio-file"), []string{path}))
	p.until(`!document.querySelector("[data-testid=audio-start]").hidden`)
	p.choose("pace", pace)
	p.click("audio-start")
}

// untilHeard waits until the newest turn of a transcript has a state.
func (p *page) untilHeard(state string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.querySelector("[data-testid=transcript]")?.dataset.state === %q`, state))
}

// heard returns the text of a transcript.
func (p *page) heard() string {
	p.t.Helper()
	return p.eval(`[...document.querySelectorAll("[data-testid=segment] .words")].map((words) => words.textContent).join("")`)
}

func TestSpeechFromAFileBecomesATranscript(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	const heard = "turn on the light in the kitchen"
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.emulated("vosk", emulate.Options{Answer: heard}))
	p.connect()
	if word := p.eval(`document.querySelector("#tab-turns").firstElementChild.textContent`); word != "Transcript" {
		t.Errorf("the tab is called %q", word)
	}
	p.playFile(spoken(t, heard), "2")
	p.until(`document.querySelector("[data-testid=speech-progress]").value > 0`)
	p.until(`document.querySelector(".tl-sent")?.getAttribute("d")`)
	p.until(`document.querySelector("[data-testid=segment][data-final=false] .words")?.textContent.length > 3`)
	p.untilHeard("done")
	if got := p.heard(); got != heard {
		t.Errorf("the transcript reads %q", got)
	}
	p.until(`document.querySelector("[data-testid=segment]").dataset.final === "true"`)
	p.untilText("speech-note", "Speech sent.")
	p.until(`/^final after end \d/.test(document.querySelector("[data-testid=final]").textContent)`)
	if note := p.eval(`document.querySelector("[data-testid=speech-note]").textContent`); !strings.Contains(note, "Resampled from 22.05 kHz") {
		t.Errorf("the note does not tell of the new rate: %q", note)
	}
	p.click("audio-remove")
	if found := p.unexpected(); len(found) > 0 {
		t.Errorf("on the console: %s", found)
	}
}

// A sentence has a place in the audio, times, and a history; its messages are a click away.
func TestSentenceShowsHowItGrew(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	const words = "turn on the light. open the window of the living room."
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.emulated("huawei-sis-asr", emulate.Options{Answer: words, Word: 250 * time.Millisecond}))
	p.connect()
	p.playFile(spoken(t, words), "1")
	p.untilHeard("done")
	p.until(`document.querySelectorAll("[data-testid=segment][data-final=true]").length === 2`)
	p.until(`document.querySelectorAll("[data-testid=segment]")[1].children[0].textContent.startsWith("0:0")`)
	p.until(`document.querySelectorAll(".tl-blocks[d*=M]").length === 1`)
	p.press("[data-testid=segment][data-n='2']")
	p.until(`document.querySelector("#turn-detail")?.checkVisibility() && document.querySelectorAll("[data-testid=grew] dt").length > 3`)
	if side := p.eval(`document.querySelector("[data-testid=sentence-detail]").textContent`); !strings.Contains(side, "Sentence 2") || !strings.Contains(side, "1.0× real time") || !strings.Contains(side, "0 late") {
		t.Errorf("the right side reads %q", side)
	}
	p.do(chromedp.KeyEvent(kb.ArrowUp))
	p.until(`document.querySelector("[data-testid=segment][data-n='1']").ariaCurrent === "true"`)
	p.click("sentence-play")
	p.until(`document.querySelector("[data-testid=timeline-play]").dataset.playing === "true"`)
	p.until(`document.querySelector("[data-testid=timeline-play]").dataset.playing === "false"`)
	p.press("[data-testid=segment][data-n='2'] .link")
	p.until(`document.querySelector("#tabs [aria-selected=true]").dataset.tab === "messages" && document.querySelector("[data-testid=row][aria-selected=true]") !== null`)
	if found := p.unexpected(); len(found) > 0 {
		t.Errorf("on the console: %s", found)
	}
}

// While audio is sent, the page draws it a few times a second, and reads messages only for the
// sentence at the right: a slow machine keeps up.
func TestSpeechIsDrawnAFewTimesASecond(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	const words = "turn on the light in the kitchen and open the window"
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.emulated("huawei-sis-asr", emulate.Options{Answer: words, Word: 100 * time.Millisecond}))
	p.connect()
	p.playFile(spoken(t, strings.Repeat(words+" ", 5)), "1")
	p.until(`document.querySelectorAll("[data-testid=segment]").length > 0`)
	p.eval(`(() => {
		const reads = () => performance.getEntriesByType("resource").filter(({name}) => name.includes("/messages?")).length
		window.drawings = {began: performance.now(), read: reads(), reads, progress: 0, timeline: 0}
		const watch = (on, name) => new MutationObserver(() => drawings[name]++).observe(document.querySelector("[data-testid=" + on + "]"), {attributes: true})
		watch("speech-progress", "progress")
		watch("timeline", "timeline")
	})()`)
	p.until(`performance.now() - drawings.began > 3000`)
	const tooMany = `["progress", "timeline"].filter((name) => drawings[name] > 10 * (performance.now() - drawings.began) / 1000 + 5)`
	if p.is(tooMany+`.length > 0`) || p.is(`drawings.progress === 0 || drawings.timeline === 0`) {
		t.Errorf("drawn in %s ms: progress %s, timeline %s", p.eval(`performance.now() - drawings.began`), p.eval("drawings.progress"), p.eval("drawings.timeline"))
	}
	if read := p.eval(`drawings.reads() - drawings.read`); p.is(`drawings.reads() - drawings.read > 2`) {
		t.Errorf("messages were read %s times", read)
	}
}

// The sentence that is being said is selected, until a person selects another one.
func TestTheOpenSentenceIsSelected(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	const words = "turn on the light. open the window of the living room. and close the door."
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.emulated("huawei-sis-asr", emulate.Options{Answer: words, Word: 300 * time.Millisecond}))
	p.connect()
	p.playFile(spoken(t, words), "1")
	const current = `document.querySelector("[data-testid=segment][aria-current]")?.dataset.n`
	p.until(current + ` === "1"`)
	p.until(current + ` === "2" && document.querySelector("[data-testid=sentence-detail]").textContent.includes("Sentence 2")`)
	p.press("[data-testid=segment][data-n='1']")
	p.until(`document.querySelectorAll("[data-testid=segment]").length === 3`)
	p.until(current + ` === "1"`)
}

// A transcript is searched as the answers of turns are: all matches are marked, one of them is shown.
func TestATranscriptIsSearched(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	const words = "turn on the light. open the window of the living room."
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.emulated("huawei-sis-asr", emulate.Options{Answer: words, Word: 250 * time.Millisecond}))
	p.connect()
	p.playFile(spoken(t, words), "1")
	p.untilHeard("done")
	p.until(`document.querySelectorAll("[data-testid=segment][data-final=true]").length === 2`)
	p.eval(`document.activeElement?.blur()`)
	p.key("/", 191, 0)
	p.until(`document.activeElement.dataset.testid === "turns-search" && document.activeElement.placeholder === "Search in the transcript"`)
	p.write("THE")
	marked := func(at, sentence int) {
		t.Helper()
		p.untilText("turns-found", fmt.Sprintf("%d of 3", at))
		p.until(fmt.Sprintf(`document.querySelector("[data-testid=segment][aria-current]").dataset.n === "%d"`, sentence))
		p.until(`CSS.highlights.get("turn-match").size === 3 && CSS.highlights.get("turn-match-now").size === 1`)
	}
	marked(1, 1)
	p.do(chromedp.KeyEvent(kb.Enter))
	marked(2, 2)
	p.do(chromedp.KeyEvent(kb.Enter))
	marked(3, 2)
	p.click("turns-find-previous")
	marked(2, 2)
	p.eval(`document.querySelector("[data-testid=turns-search]").focus()`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`document.querySelector("[data-testid=turns-find]").hidden && !CSS.highlights.has("turn-match")`)
	p.until(`document.activeElement.closest("[data-testid=segment]")?.dataset.n === "2"`)
	if found := p.unexpected(); len(found) > 0 {
		t.Errorf("on the console: %s", found)
	}
}

// The timeline is worked by keys, and a selection is played alone.
func TestTimelineIsZoomedAndPlayedByKeys(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.emulated("vosk", emulate.Options{Answer: "turn on the light"}))
	p.connect()
	p.playFile(spoken(t, "turn on the light"), "0")
	p.untilHeard("done")
	p.until(`document.querySelector(".tl-sent").getAttribute("d").length > 100`)
	p.eval(`document.querySelector("[data-testid=timeline]").focus()`)
	before := p.eval(`document.querySelector(".timeline-axis").textContent`)
	p.do(chromedp.KeyEvent("+"), chromedp.KeyEvent("+"))
	p.until(fmt.Sprintf(`document.querySelector(".timeline-axis").textContent !== %q`, before))
	for range 6 { // once more than the file is long does no harm
		p.do(chromedp.KeyEvent("-"))
	}
	p.until(`document.querySelector("[data-testid=timeline-wider]").disabled`)
	p.do(chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight))
	p.until(`Number(document.querySelector("[data-testid=timeline]").getAttribute("aria-valuenow")) > 10`)
	p.do(chromedp.KeyEvent(" "))
	p.until(`document.querySelector("[data-testid=timeline-play]").dataset.playing === "true"`)
	p.do(chromedp.KeyEvent(" "))
	p.until(`document.querySelector("[data-testid=timeline-play]").dataset.playing === "false"`)
}

// A file that cannot be played is refused with the kinds that can.
func TestFileOfAWrongKindIsRefusedInWords(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.emulated("vosk", emulate.Options{Answer: "nothing"}))
	p.connect()
	p.click("mode-file")
	wrong := filepath.Join(t.TempDir(), "talk.mp3")
	if err := os.WriteFile(wrong, []byte("ID3\x04 this is no WAV file"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.do(chromedp.SetUploadFiles(id("audio-file"), []string{wrong}))
	p.untilText("speech-note", "“talk.mp3” is not a WAV file. WAV files with PCM")
	if !p.is(`document.querySelector("[data-testid=audio-start]").hidden`) {
		t.Error("it can be started")
	}
}

// A paused file sends silence where the service has an idle limit, and goes on to its end.
func TestFileIsPausedAndGoesOn(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	const words = "turn on the light in the kitchen and open the window"
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.emulated("huawei-sis-asr", emulate.Options{Answer: words, Word: 100 * time.Millisecond}))
	p.connect()
	p.playFile(spoken(t, strings.Repeat(words+" ", 5)), "1") // long enough for a busy machine to pause it
	p.until(`document.querySelector("[data-testid=speech-progress]").value > 0.01`)
	p.eval(`document.querySelector("[data-testid=audio-pause]").click()`) // at once: the file goes on
	p.until(`document.querySelector("[data-testid=audio-pause]").textContent === "Go on"`)
	p.untilText("speech-note", "Paused. Silence is sent, because the service ends a connection without audio after 20 s.")
	at := p.eval(`document.querySelector("[data-testid=speech-progress]").value`)
	sent := p.eval(`document.querySelector("[data-testid=counts]").textContent`)
	p.until(fmt.Sprintf(`document.querySelector("[data-testid=counts]").textContent !== %q`, sent))
	if now := p.eval(`document.querySelector("[data-testid=speech-progress]").value`); now > at && p.is(fmt.Sprintf("%s > %s + 0.1", now, at)) {
		t.Errorf("the file went on from %s to %s", at, now)
	}
	p.eval(`document.querySelector("[data-testid=audio-pause]").click()`)
	p.untilHeard("done")
	if got := p.heard(); got != words {
		t.Errorf("the transcript reads %q", got)
	}
}

// A voice agent calls a tool and is interrupted: the cards say what was called, what was heard,
// and what was not.
func TestToolCallsAndInterruptionsAreShown(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.emulated("openai-realtime", emulate.Options{Answer: "There are six flights on Friday. The first leaves at 06:55.", Interval: 60 * time.Millisecond}))
	p.connect()
	session := p.eval(`location.pathname.split("/").pop()`)
	send := func(payload string) { s.send(session, "text", []byte(payload)) }
	send(`{"type":"session.update","session":{"type":"realtime","tools":[{"type":"function","name":"search_flights","description":"","parameters":{"type":"object"}}]}}`)
	p.click("mode-prompt")
	p.fill("prompt", "Which flights are there?")
	p.click("send")
	p.until(`document.querySelector("[data-testid=tool-call]")?.dataset.done === "false"`)
	var list struct{ Turns []dialect.Turn }
	if status, raw := s.call(http.MethodGet, "/api/sessions/"+session+"/turns", nil, &list); status != http.StatusOK || len(list.Turns[0].Tools) != 1 {
		t.Fatalf("turns: %d %s", status, raw)
	}
	output, _ := json.Marshal(list.Turns[0].Tools[0].ID)
	send(`{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":` + string(output) + `,"output":"{\"found\":6}"}}`)
	p.until(`document.querySelector("[data-testid=tool-call]")?.dataset.done === "true"`)
	send(`{"type":"response.create"}`)
	p.until(`document.querySelector("[data-turn='2'] [data-testid=turn-text]")?.textContent.length > 44`)
	send(`{"type":"response.cancel"}`)
	send(`{"type":"conversation.item.truncate","item_id":"item_a","content_index":0,"audio_end_ms":300}`)
	p.until(`document.querySelector("[data-turn='2'] [data-testid=interrupted]")?.textContent === "Interrupted by you at 300 ms"`)
	p.until(`document.querySelector("[data-turn='2'] [data-stream=answer] .unheard")?.textContent.length > 5`)
	if text := p.turnText(2); !strings.HasPrefix("There are six flights on Friday. The first leaves at 06:55.", text) {
		t.Errorf("the answer reads %q", text)
	}
	p.click("tool-call")
	p.until(`document.querySelector("[data-testid=tool-result]")?.textContent.includes('"found": 6') && document.querySelector("[data-testid=tool-arguments]").textContent.includes("Lisbon")`)
	p.press("[data-turn='2'] [data-testid=turn-text]")
	p.until(`document.querySelector("[data-testid=loudness]")?.textContent.includes("LUFS")`)
	if side := p.eval(`document.querySelector("[data-testid=voice-detail]").textContent`); !strings.Contains(side, "Answer in turn 2") || !strings.Contains(side, "PCM 16 bit · 24 kHz · mono") || !strings.Contains(side, "search_flights") {
		t.Errorf("the right side reads %q", side)
	}
	status, wav := s.do(http.MethodGet, p.eval(`document.querySelector("[data-testid=save-call]").getAttribute("href")`), "", nil, nil)
	if status != http.StatusOK || len(wav) < 1000 || wav[22] != 2 {
		t.Errorf("the whole call: %d, %d bytes", status, len(wav))
	}
	p.visit(s.URL + "/sessions/" + session)
	p.until(`document.querySelector("[data-turn='2'] [data-testid=interrupted]")?.textContent === "Interrupted by you at 300 ms" && document.querySelector("[data-testid=tool-call]").dataset.done === "true"`)
	if found := p.unexpected(); len(found) > 0 {
		t.Errorf("on the console: %s", found)
	}
}

func TestSynthesisIsPlayedAndSaved(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.prompted(s.URL+"/services/"+s.emulated("deepgram-speak", emulate.Options{}), "Good morning from the other side.")
	p.untilTurn(1, "done")
	p.until(`document.querySelector("[data-testid=play]") !== null`)
	p.until(`Number(document.querySelector(".strip").dataset.position) > 0.1`)
	href := p.eval(`document.querySelector("[data-testid=save-audio]").getAttribute("href")`)
	status, wav := s.do(http.MethodGet, href, "", nil, nil)
	if status != http.StatusOK || len(wav) < 1000 || string(wav[:4]) != "RIFF" {
		t.Errorf("saved %d, %d bytes", status, len(wav))
	}
	if found := p.unexpected(); len(found) > 0 {
		t.Errorf("on the console: %s", found)
	}
}

func TestVoiceAgentAnswersAText(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	const answer = "TAP flies direct at 12:40."
	p := browse(t, 1440, 900)
	p.prompted(s.URL+"/services/"+s.emulated("openai-realtime", emulate.Options{Answer: answer}), "Only direct ones, please.")
	p.untilTurn(1, "done")
	if got := p.turnText(1); got != answer {
		t.Errorf("the agent says %q", got)
	}
	p.until(`document.querySelector("[data-stream=answer] [data-testid=play]") !== null`)
}

// startRecogniser starts a real recogniser of a few commands, posts its dialect, and returns
// the id of a service that speaks it.
func (s *server) startRecogniser() string {
	s.t.Helper()
	python := testkit.NeedPython(s.t, "websockets, pocketsphinx", "apt-get install python3-websockets python3-pocketsphinx pocketsphinx-en-us")
	addr := testkit.FreeAddr(s.t)
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		s.t.Fatal(err)
	}
	folder := filepath.Join("..", "..", "bridge", "testdata")
	testkit.Start(s.t, addr, python, filepath.Join(folder, "recogniser.py"), port)
	source, err := os.ReadFile(filepath.Join(folder, "recogniser.yaml"))
	if err != nil {
		s.t.Fatal(err)
	}
	if status, raw := s.do(http.MethodPost, "/api/dialects", "application/yaml", bytes.NewReader(source), nil); status != http.StatusCreated {
		s.t.Fatalf("post the dialect: %d %s", status, raw)
	}
	var saved struct{ ID string }
	if status, raw := s.call(http.MethodPost, "/api/services", object{"name": "house", "address": "ws://" + addr + "/listen", "dialect": "house-commands"}, &saved); status != http.StatusCreated {
		s.t.Fatalf("save: %d %s", status, raw)
	}
	return saved.ID
}

// A real recogniser hears Chromium's microphone: the transcript grows while the command is
// spoken, and is right at the end.
func TestMicrophoneIsHeardByARealRecogniser(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	house := s.startRecogniser()
	p := browse(t, 1440, 900)
	p.onEveryPage(`window.asked = 0
		const devices = navigator.mediaDevices, open = devices.getUserMedia.bind(devices)
		devices.getUserMedia = (wish) => { asked++; return open(wish) }`)
	p.visit(s.URL + "/services/" + house)
	p.connect()
	if p.eval("asked") != "0" {
		t.Error("the page asked for the microphone before anybody pressed it")
	}
	p.eval(`(() => {
		window.grown = new Set()
		new MutationObserver(() => grown.add(document.querySelector("[data-testid=segment-words]")?.textContent ?? "")).observe(document.querySelector("#turns"), {subtree: true, childList: true, characterData: true})
	})()`)
	p.click("microphone")
	p.until(`document.querySelector("[data-testid=microphone]").getAttribute("aria-pressed") === "true"`)
	p.until(`Number(document.querySelector("[data-testid=level]").dataset.level) > 3`)
	p.until(fmt.Sprintf(`document.querySelector("[data-testid=segment-words]")?.textContent === %q`, spokenCommand))
	p.click("microphone")
	p.untilHeard("done")
	if got := p.heard(); got != spokenCommand {
		t.Errorf("heard %q", got)
	}
	if !p.is("[...grown].filter(Boolean).length > 1") {
		t.Errorf("the transcript did not grow: %s", p.eval("JSON.stringify([...grown])"))
	}
	if found := p.unexpected(); len(found) > 0 {
		t.Errorf("on the console: %s", found)
	}
}

// A muted microphone is heard no more, and the page says what is sent meanwhile.
func TestMicrophoneIsMuted(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.emulated("vosk", emulate.Options{Answer: "turn on the light"}))
	p.connect()
	p.click("microphone")
	p.until(`Number(document.querySelector("[data-testid=level]").dataset.level) > 0`)
	p.click("mute")
	p.untilText("speech-note", "Muted.")
	p.until(`document.querySelector("[data-testid=level]").dataset.level === "0" && document.querySelector("[data-testid=mute]").ariaPressed === "true"`)
	p.click("mute")
	p.click("microphone")
	p.untilHeard("done")
}

// After the service has ended the connection, Start connects again, and sends from the file or
// the microphone.
func TestStartConnectsAgainAfterAnEnd(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	const heard = "turn on the light"
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.emulated("vosk", emulate.Options{Answer: heard}))
	p.connect()
	p.playFile(spoken(t, heard), "0")
	var sessions []string
	ended := func() {
		t.Helper()
		p.untilHeard("done")
		p.untilStatus(closed)
		sessions = append(sessions, p.session())
	}
	ended()
	p.click("audio-start")
	p.until(fmt.Sprintf(`location.pathname !== "/sessions/%s"`, sessions[0]))
	ended()
	if got := p.heard(); got != heard {
		t.Errorf("the file was heard as %q", got)
	}
	p.click("mode-microphone")
	p.untilText("speech", "Start reconnects")
	if level := p.eval(`document.querySelector("[data-testid=level]").dataset.level`); level != "0" {
		t.Errorf("the meter shows level %s of the file", level)
	}
	p.click("microphone")
	p.until(fmt.Sprintf(`location.pathname !== "/sessions/%s"`, sessions[1]))
	p.until(`document.querySelector("[data-testid=microphone]").ariaPressed === "true"`)
	p.until(`Number(document.querySelector("[data-testid=level]").dataset.level) > 0`)
	p.click("microphone")
	ended()
	if found := p.unexpected(); len(found) > 0 {
		t.Errorf("on the console: %s", found)
	}
}

// In a conversation Space talks, unless somebody writes.
func TestSpaceTalks(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.emulated("openai-realtime", emulate.Options{Answer: "Yes.", Heard: "are you there"}))
	p.connect()
	p.click("mode-microphone")
	p.eval(`document.activeElement.blur()`)
	p.do(chromedp.KeyEvent(" "))
	p.until(`document.querySelector("[data-testid=microphone]").ariaPressed === "true"`)
	p.until(`Number(document.querySelector("[data-testid=level]").dataset.level) > 0`)
	p.eval(`document.activeElement.blur()`)
	p.do(chromedp.KeyEvent(" "))
	p.until(`document.querySelector("[data-testid=microphone]").ariaPressed === "false"`)
	p.untilTurn(1, "done")
	p.until(`document.querySelector("[data-turn='1'] [data-testid=turn-user]")?.textContent === "are you there"`)
}
