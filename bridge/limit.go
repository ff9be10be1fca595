package bridge

// LimitName names a limit of a service, in the API.
type LimitName string

// The limits.
const (
	LimitMessage LimitName = "message_bytes"
	LimitRequest LimitName = "request_ms"
	LimitIdle    LimitName = "idle_ms"
	LimitSession LimitName = "session_ms"
	LimitAudio   LimitName = "audio_ms"
	LimitChars   LimitName = "chars"
	LimitRate    LimitName = "rate" // of audio, in thousandths of real time
)

// LimitNames returns all limits.
func LimitNames() []LimitName {
	return []LimitName{LimitMessage, LimitRequest, LimitIdle, LimitSession, LimitAudio, LimitChars, LimitRate}
}
