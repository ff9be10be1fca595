// Package speech reads, converts and writes audio: WAV files, sample encodings, rates.
package speech
