package bridge

import (
	"errors"
	"fmt"
)

// Errors a caller branches on.
var (
	ErrDraining    = errors.New("server is shutting down")
	ErrStoreAway   = errors.New("store cannot be reached") // the same call may succeed later
	ErrStoreFull   = errors.New("store has no room")       // likewise; reading and deleting still work
	ErrClosed      = errors.New("session is closed")
	ErrInvalidUTF8 = errors.New("text message is not UTF-8") // RFC 6455 section 5.6
	ErrCloseCode   = errors.New("close code cannot be sent") // RFC 6455 section 7.4
	ErrCloseReason = errors.New("close reason is not UTF-8 or longer than 123 bytes")

	ErrNoDialect     = errors.New("session has no dialect")
	ErrTakesNoCancel = errors.New("dialect cannot stop an answer")
	ErrTakesNoText   = errors.New("dialect sends no text")
	ErrTakesNoAudio  = errors.New("dialect sends no audio")
	ErrAudioBusy     = errors.New("other audio is being sent")
)

// OverLimitError says that a request exceeds a limit of the service. Nothing was sent.
type OverLimitError struct {
	Limit      LimitName
	Value, Max int64 // in the unit of the limit
}

func (e *OverLimitError) Error() string {
	return fmt.Sprintf("%d exceeds the limit %s of %d", e.Value, e.Limit, e.Max)
}

// TooLargeError says that a message exceeds the session's limit. Nothing was sent.
type TooLargeError struct {
	Size, Limit int64 // bytes
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("message of %d bytes exceeds the limit of %d", e.Size, e.Limit)
}

// SendError says that a message is in the log, but could not be written to the target. The
// session ends.
type SendError struct {
	Seq int64
	Err error
}

func (e *SendError) Error() string { return fmt.Sprintf("send message %d: %v", e.Seq, e.Err) }

// Unwrap returns the error of writing.
func (e *SendError) Unwrap() error { return e.Err }
