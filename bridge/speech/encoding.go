package speech

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
)

// EncodingError names an encoding of samples that is not known.
type EncodingError struct{ Encoding string }

// Error implements error.
func (e *EncodingError) Error() string {
	return fmt.Sprintf("unknown encoding of samples %q", e.Encoding)
}

// SampleBytes returns the bytes of one sample in an encoding: s16le, f32le, mulaw or alaw.
// The error is an *EncodingError.
func SampleBytes(encoding string) (int, error) {
	switch encoding {
	case "s16le":
		return 2, nil
	case "f32le":
		return 4, nil
	case "mulaw", "alaw":
		return 1, nil
	}
	return 0, &EncodingError{encoding}
}

// Encode returns samples in an encoding: s16le, f32le, mulaw or alaw. The error is an
// *EncodingError.
func Encode(encoding string, samples []int16) ([]byte, error) {
	width, err := SampleBytes(encoding)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(samples)*width)
	switch encoding {
	case "s16le":
		for _, s := range samples {
			out = binary.LittleEndian.AppendUint16(out, uint16(s))
		}
	case "f32le":
		for _, s := range samples {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(s)/(1<<15)))
		}
	case "mulaw":
		for _, s := range samples {
			out = append(out, encodeMuLaw(s))
		}
	case "alaw":
		for _, s := range samples {
			out = append(out, encodeALaw(s))
		}
	}
	return out, nil
}

// Decode returns the samples of data in an encoding, and the bytes of a last sample that is
// not whole. The error is an *EncodingError.
func Decode(encoding string, data []byte) (samples []int16, rest []byte, err error) {
	width, err := SampleBytes(encoding)
	if err != nil {
		return nil, nil, err
	}
	samples = make([]int16, len(data)/width)
	for i := range samples {
		switch b := data[i*width:]; encoding {
		case "s16le":
			samples[i] = int16(binary.LittleEndian.Uint16(b))
		case "f32le":
			samples[i] = fromFloat(float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
		case "mulaw":
			samples[i] = decodeMuLaw(b[0])
		case "alaw":
			samples[i] = decodeALaw(b[0])
		}
	}
	return samples, data[len(samples)*width:], nil
}

// fromFloat returns the sample of a value from -1 to 1; others are clipped, and NaN is silence.
func fromFloat(v float64) int16 {
	if math.IsNaN(v) {
		return 0
	}
	return int16(math.Round(max(math.MinInt16, min(v*(1<<15), math.MaxInt16))))
}

// G.711 has samples of 14 bits (µ-law) and 13 bits (A-law); both are scaled to 16 bits here.
// A code has a sign, a segment of 3 bits and a position in it of 4 bits.
const (
	muLawBias = 33 << 2   // added to the magnitude, so that segments begin at powers of two
	muLawMax  = 8158 << 2 // the greatest magnitude
)

// encodeMuLaw is ITU-T G.711, table 2; all bits of a code are inverted.
func encodeMuLaw(s int16) byte {
	magnitude, sign := int(s), byte(0)
	if s < 0 {
		magnitude, sign = -magnitude, 0x80
	}
	magnitude = min(magnitude, muLawMax) + muLawBias
	segment := bits.Len(uint(magnitude)) - 8
	return ^(sign | byte(segment)<<4 | byte(magnitude>>(segment+3))&0x0F)
}

func decodeMuLaw(code byte) int16 {
	code = ^code
	segment, position := code>>4&7, int16(code&0x0F)
	magnitude := (position<<3+muLawBias)<<segment - muLawBias
	if code&0x80 != 0 {
		return -magnitude
	}
	return magnitude
}

// encodeALaw is ITU-T G.711, table 1; the even bits of a code are inverted.
func encodeALaw(s int16) byte {
	magnitude, sign := int(s), byte(0x80)
	if s < 0 {
		magnitude, sign = -magnitude-1, 0
	}
	code := byte(magnitude >> 4)
	if segment := bits.Len(uint(magnitude)) - 8; segment > 0 {
		code = byte(segment)<<4 | byte(magnitude>>(segment+3))&0x0F
	}
	return (sign | code) ^ 0x55
}

func decodeALaw(code byte) int16 {
	code ^= 0x55
	segment, position := code>>4&7, int16(code&0x0F)
	magnitude := position<<4 + 8
	if segment > 0 {
		magnitude = (magnitude + 0x100) << (segment - 1)
	}
	if code&0x80 == 0 {
		return -magnitude
	}
	return magnitude
}
