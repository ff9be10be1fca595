package speech

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Limits of the WAV files that are read.
const (
	MinRate     = 4_000   // Hz
	MaxRate     = 384_000 // Hz
	MaxChannels = 32
)

// unknownSize is the least size that stands for "until the end". Programs that write to a
// pipe announce 0xFFFFFFFF (ffmpeg) or 0x7FFFF000 (sox, espeak-ng).
const unknownSize = 0x7FFF_F000

// Format tags of the "fmt " chunk (Microsoft, mmreg.h).
const (
	tagPCM        = 1
	tagFloat      = 3
	tagALaw       = 6
	tagMuLaw      = 7
	tagExtensible = 0xFFFE
)

// FormatReason says why audio cannot be read. The codes are stable.
type FormatReason string

// The reasons.
const (
	ReasonNotWAV          FormatReason = "not_wav"          // no RIFF file of the form WAVE
	ReasonNoFormat        FormatReason = "no_format"        // no "fmt " chunk before the samples
	ReasonBadFormat       FormatReason = "bad_format"       // a "fmt " chunk that contradicts itself
	ReasonBadRate         FormatReason = "bad_rate"         // a rate below MinRate or above MaxRate
	ReasonUnknownEncoding FormatReason = "unknown_encoding" // compressed, or samples of an odd width
	ReasonNoData          FormatReason = "no_data"          // no "data" chunk
	ReasonTooLarge        FormatReason = "too_large"        // more bytes than allowed
)

// FormatReasons returns all reasons.
func FormatReasons() []FormatReason {
	return []FormatReason{
		ReasonNotWAV, ReasonNoFormat, ReasonBadFormat, ReasonBadRate, ReasonUnknownEncoding, ReasonNoData, ReasonTooLarge,
	}
}

// FormatError says why audio cannot be read.
type FormatError struct {
	Reason FormatReason
	Detail string // in English
}

// Error implements error.
func (e *FormatError) Error() string { return "read WAV: " + string(e.Reason) + ": " + e.Detail }

func formatError(reason FormatReason, detail string, values ...any) error {
	return &FormatError{Reason: reason, Detail: fmt.Sprintf(detail, values...)}
}

// wavFormat holds the values of a "fmt " chunk.
type wavFormat struct {
	tag, channels, rate int
	width               int // bytes of one sample
}

// ReadWAV reads a WAV file of at most maxBytes: PCM of 8, 16, 24 or 32 bits, float of 32 or
// 64 bits, A-law or µ-law, in RIFF or RF64 with any other chunks. A "data" chunk of size 0 or
// of unknown size ends with the file; one that is cut short is taken as far as it goes and
// a note says so. The error is a *FormatError, or that of r.
func ReadWAV(r io.Reader, maxBytes int64) (*Clip, error) {
	w := wavReader{limited: &io.LimitedReader{R: r, N: maxBytes + 1}}
	clip, err := w.read()
	if w.limited.N <= 0 {
		return nil, formatError(ReasonTooLarge, "more than %d bytes", maxBytes)
	}
	return clip, err
}

// wavReader reads the chunks of one file.
type wavReader struct {
	limited  *io.LimitedReader
	offset   int64 // of the next byte
	riffSize int64
	dataSize int64 // of the "ds64" chunk of an RF64 file; 0 when there is none
	format   *wavFormat
}

func (w *wavReader) read() (*Clip, error) {
	var head [12]byte
	if err := w.fill(head[:], ReasonNotWAV, "shorter than a header"); err != nil {
		return nil, err
	}
	id, form := string(head[:4]), string(head[8:])
	if id != "RIFF" && id != "RF64" && id != "BW64" || form != "WAVE" {
		return nil, formatError(ReasonNotWAV, "it begins with %q", head[:])
	}
	w.riffSize = int64(binary.LittleEndian.Uint32(head[4:]))
	for {
		var chunk [8]byte
		if err := w.fill(chunk[:], ReasonNoData, "the file ends before its samples"); err != nil {
			return nil, err
		}
		size := int64(binary.LittleEndian.Uint32(chunk[4:]))
		switch id := string(chunk[:4]); {
		case id == "data" && (size > 0 || !w.announcesMore()):
			return w.readData(size)
		case id == "fmt ":
			if err := w.readFormat(size); err != nil {
				return nil, err
			}
		case id == "ds64":
			if err := w.readSizes(size); err != nil {
				return nil, err
			}
		default:
			if err := w.skip(size + size%2); err != nil {
				return nil, err
			}
		}
	}
}

// announcesMore reports whether the RIFF header announces bytes after the current chunk
// header. An empty "data" chunk is then empty, and not of unknown size.
func (w *wavReader) announcesMore() bool {
	return w.riffSize < unknownSize && w.riffSize+8 > w.offset
}

// fill reads len(b) bytes. The end of the file before them is an error with the reason.
func (w *wavReader) fill(b []byte, reason FormatReason, detail string) error {
	n, err := io.ReadFull(w.limited, b)
	w.offset += int64(n)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return formatError(reason, "%s", detail)
	}
	if err != nil {
		return fmt.Errorf("read WAV: %w", err)
	}
	return nil
}

// skip passes over size bytes, or over all that is left.
func (w *wavReader) skip(size int64) error {
	n, err := io.CopyN(io.Discard, w.limited, size)
	w.offset += n
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read WAV: %w", err)
	}
	return nil
}

// maxFormat bounds the part of a "fmt " chunk that is read; the longest known form has 40 bytes.
const maxFormat = 64

func (w *wavReader) readFormat(size int64) error {
	if size < 16 {
		return formatError(ReasonBadFormat, "a fmt chunk of %d bytes", size)
	}
	chunk := make([]byte, min(size, maxFormat))
	if err := w.fill(chunk, ReasonNoFormat, "the file ends within its fmt chunk"); err != nil {
		return err
	}
	format, err := parseFormat(chunk)
	if err != nil {
		return err
	}
	w.format = format
	return w.skip(size + size%2 - int64(len(chunk)))
}

func parseFormat(chunk []byte) (*wavFormat, error) {
	u16 := func(at int) int { return int(binary.LittleEndian.Uint16(chunk[at:])) }
	rate := binary.LittleEndian.Uint32(chunk[4:])
	f := &wavFormat{tag: u16(0), channels: u16(2), rate: int(rate)}
	align, bits := u16(12), u16(14)
	if f.tag == tagExtensible {
		if len(chunk) < 40 || !bytes.Equal(chunk[26:40], mediaSubtype) {
			return nil, formatError(ReasonUnknownEncoding, "an extensible format without a known subtype")
		}
		f.tag = u16(24)
	}
	if f.channels < 1 || f.channels > MaxChannels {
		return nil, formatError(ReasonBadFormat, "%d channels", f.channels)
	}
	if rate < MinRate || rate > MaxRate {
		return nil, formatError(ReasonBadRate, "%d Hz", rate)
	}
	f.width = (bits + 7) / 8
	if f.width == 0 || align%f.channels != 0 {
		return nil, formatError(ReasonBadFormat, "%d bits, blocks of %d bytes, %d channels", bits, align, f.channels)
	}
	if f.decoder() == nil {
		return nil, formatError(ReasonUnknownEncoding, "format %d with %d bits", f.tag, bits)
	}
	if align != 0 && align != f.width*f.channels {
		return nil, formatError(ReasonBadFormat, "%d bits, blocks of %d bytes, %d channels", bits, align, f.channels)
	}
	return f, nil
}

// mediaSubtype is the GUID of an extensible format after its first two bytes, which hold the
// format tag: KSDATAFORMAT_SUBTYPE_WAVEFORMATEX.
var mediaSubtype = []byte{0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71}

// readSizes reads the "ds64" chunk of RF64 (EBU Tech 3306).
func (w *wavReader) readSizes(size int64) error {
	if size < 16 {
		return w.skip(size + size%2)
	}
	var sizes [16]byte
	if err := w.fill(sizes[:], ReasonNoData, "the file ends within its ds64 chunk"); err != nil {
		return err
	}
	w.dataSize = int64(binary.LittleEndian.Uint64(sizes[8:]) & math.MaxInt64)
	return w.skip(size + size%2 - int64(len(sizes)))
}

// readData reads the samples; size is that of the chunk's header.
func (w *wavReader) readData(size int64) (*Clip, error) {
	if w.format == nil {
		return nil, formatError(ReasonNoFormat, "the samples come before the fmt chunk")
	}
	if size == math.MaxUint32 && w.dataSize > 0 {
		size = w.dataSize
	}
	known := size > 0 && size < unknownSize || w.dataSize > 0
	var from io.Reader = w.limited
	if known {
		from = io.LimitReader(w.limited, size)
	}
	data, err := io.ReadAll(from)
	if err != nil {
		return nil, fmt.Errorf("read WAV: %w", err)
	}
	clip := &Clip{Rate: w.format.rate, Channels: w.format.channels}
	if found := int64(len(data)); known && found < size {
		clip.Notes = []Note{{NoteTruncated, size, found}}
	}
	width, decode := w.format.width, w.format.decoder()
	count := len(data) / (width * clip.Channels) * clip.Channels // no half block
	clip.Samples = make([]int16, count)
	for i := range clip.Samples {
		clip.Samples[i] = decode(data[i*width:])
	}
	return clip, nil
}

// decoder returns the function that reads one sample; nil when the encoding is unknown.
func (f *wavFormat) decoder() func([]byte) int16 {
	switch [2]int{f.tag, f.width} {
	case [2]int{tagPCM, 1}:
		return func(b []byte) int16 { return int16((int(b[0]) - 128) << 8) }
	case [2]int{tagPCM, 2}:
		return func(b []byte) int16 { return int16(binary.LittleEndian.Uint16(b)) }
	case [2]int{tagPCM, 3}:
		return func(b []byte) int16 { return roundSample(int32(b[0])<<8 | int32(b[1])<<16 | int32(int8(b[2]))<<24) }
	case [2]int{tagPCM, 4}:
		return func(b []byte) int16 { return roundSample(int32(binary.LittleEndian.Uint32(b))) }
	case [2]int{tagFloat, 4}:
		return func(b []byte) int16 { return fromFloat(float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))) }
	case [2]int{tagFloat, 8}:
		return func(b []byte) int16 { return fromFloat(math.Float64frombits(binary.LittleEndian.Uint64(b))) }
	case [2]int{tagALaw, 1}:
		return func(b []byte) int16 { return decodeALaw(b[0]) }
	case [2]int{tagMuLaw, 1}:
		return func(b []byte) int16 { return decodeMuLaw(b[0]) }
	}
	return nil
}

// roundSample rounds a sample of 32 bits to 16.
func roundSample(v int32) int16 {
	return int16(min((int64(v)+1<<15)>>16, math.MaxInt16))
}

// WAVHeader returns the header of a WAV file of s16le samples, of 44 bytes. A negative number
// of bytes, or one that does not fit, writes the header of a stream: its length is unknown.
func WAVHeader(rate, channels int, bytes int64) []byte {
	header, _ := EncodedWAVHeader("s16le", rate, channels, bytes) // it is known
	return header
}

// EncodedWAVHeader is as WAVHeader for samples of another encoding: s16le, f32le, mulaw or
// alaw. The error is an *EncodingError.
func EncodedWAVHeader(encoding string, rate, channels int, bytes int64) ([]byte, error) {
	width, err := SampleBytes(encoding)
	if err != nil {
		return nil, err
	}
	tag := map[string]uint16{"s16le": tagPCM, "f32le": tagFloat, "alaw": tagALaw, "mulaw": tagMuLaw}[encoding]
	riff, data := uint32(math.MaxUint32), uint32(math.MaxUint32)
	if bytes >= 0 && bytes < unknownSize {
		riff, data = uint32(bytes+bytes%2+36), uint32(bytes)
	}
	le, block := binary.LittleEndian, width*channels
	h := append(make([]byte, 0, 44), "RIFF"...)
	h = append(le.AppendUint32(h, riff), "WAVEfmt "...)
	h = le.AppendUint32(h, 16)
	h = le.AppendUint16(h, tag)
	h = le.AppendUint16(h, uint16(channels))
	h = le.AppendUint32(h, uint32(rate))
	h = le.AppendUint32(h, uint32(rate*block))
	h = le.AppendUint16(h, uint16(block))
	h = le.AppendUint16(h, uint16(width*8))
	h = append(h, "data"...)
	return le.AppendUint32(h, data), nil
}
