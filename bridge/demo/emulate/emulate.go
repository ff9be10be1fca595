// Package emulate has made-up services that speak the protocols of public real-time inference
// services, as strictly as their documents read: a wrong order, pace, id, frame size or
// credential gets the error that the real service gives. Nothing is recognised or thought
// about: Options say what is heard and answered. Dialects are tested against it, and the demo
// shows some of it. It knows nothing of dialects and sessions.
package emulate

import (
	"net/http"
	"slices"
	"strings"
)

// Emulator is one emulated service.
type Emulator struct {
	Name    string            // of the dialect that speaks to it
	Path    string            // of its address, without the parameters that the dialect adds
	Vars    map[string]string // of the dialect, that it accepts; the others have their defaults
	Secrets map[string]string // of the dialect, that it accepts
	Text    bool              // it takes texts
	Audio   int               // sample rate of the audio that it takes; 0 for none
	Voice   int               // sample rate of the audio that it answers; 0 for none
	Faults  []string          // that Options.Fault may name: codes of errors
	New     func(Options) http.Handler
}

// Key is the key that all emulated services accept.
const Key = "sk-emulated-5f1c0a7d9be24368"

// All returns the emulated services in order of name.
func All() []Emulator {
	all := []Emulator{
		huaweiSISASR(), huaweiSISTTS(), modelArtsText(), modelArtsChat(),
		openAIRealtime(), azureOpenAIRealtime(), qwenRealtime(), vLLMRealtime(), geminiLive(),
		deepgramListen(), deepgramSpeak(), elevenLabsTTS(), elevenLabsAgent(),
		assemblyAI(), azureSpeech(), dashScopeASR(), dashScopeTTS(), funASR(), iflytekIAT(), sherpaONNX(), tencentASR(),
		volcengineASR(), vosk(), whisperLive(),
	}
	slices.SortFunc(all, func(a, b Emulator) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Find returns the emulated service of a dialect.
func Find(name string) (Emulator, bool) {
	all := All()
	i := slices.IndexFunc(all, func(e Emulator) bool { return e.Name == name })
	if i < 0 {
		return Emulator{}, false
	}
	return all[i], true
}
