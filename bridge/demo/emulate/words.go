package emulate

import (
	"strings"
	"time"
	"unicode"
)

// pieces splits a text as a model does: after each space, and after every second letter of
// scripts that have no spaces. Joined they are the text.
func pieces(text string) []string {
	var all []string
	var piece strings.Builder
	wide := 0
	for _, r := range text {
		piece.WriteRune(r)
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) {
			wide++
		}
		if r == ' ' || wide == 2 {
			all = append(all, piece.String())
			piece.Reset()
			wide = 0
		}
	}
	if piece.Len() > 0 {
		all = append(all, piece.String())
	}
	return all
}

// hearing recognises a text word by word, in step with the audio.
type hearing struct {
	sentences [][]string // pieces of each
	word      time.Duration
	length    time.Duration // of audio so far
	told      int           // sentences that are final
	shown     int           // pieces of the sentence after them that were told as interim text
}

// newHearing splits the text of the options into sentences.
func newHearing(o Options, text string) *hearing {
	h := &hearing{word: o.Word}
	for _, sentence := range sentences(text) {
		h.sentences = append(h.sentences, pieces(sentence))
	}
	return h
}

// sentences splits a text after the ends of its sentences. Spaces between them are dropped.
func sentences(text string) []string {
	var all []string
	start := 0
	runes := []rune(text)
	for i, r := range runes {
		if !strings.ContainsRune(".?!。？！", r) || i+1 < len(runes) && !unicode.IsSpace(runes[i+1]) && r < 0x2000 {
			continue
		}
		all = append(all, strings.TrimSpace(string(runes[start:i+1])))
		start = i + 1
	}
	if rest := strings.TrimSpace(string(runes[start:])); rest != "" {
		all = append(all, rest)
	}
	return all
}

// heard is one result of a recogniser.
type heard struct {
	index int    // of the sentence, from 0
	text  string // of the sentence so far
	final bool
	start time.Duration // of the sentence in the audio
	end   time.Duration // of the text in the audio
}

// add takes audio and returns the new results: at most one of each sentence.
func (h *hearing) add(length time.Duration) []heard {
	h.length += length
	return h.results(int(h.length / h.word))
}

// end returns the last results: the words that were begun, and at least one.
func (h *hearing) end() []heard {
	words := max(1, int((h.length+h.word-1)/h.word))
	results := h.results(words)
	if h.shown > 0 { // the last sentence ends where the audio does
		results = append(results, h.result(h.told, h.shown, true))
		h.told, h.shown = h.told+1, 0
	}
	return results
}

// results returns the results that are new when so many words were heard in all.
func (h *hearing) results(words int) []heard {
	var new []heard
	for _, sentence := range h.sentences[:h.told] {
		words -= len(sentence)
	}
	for h.told < len(h.sentences) && words > 0 {
		whole := len(h.sentences[h.told])
		if words >= whole {
			new = append(new, h.result(h.told, whole, true))
			h.told, h.shown = h.told+1, 0
			words -= whole
			continue
		}
		if words > h.shown {
			h.shown = words
			new = append(new, h.result(h.told, words, false))
		}
		break
	}
	return new
}

func (h *hearing) result(index, count int, final bool) heard {
	before := 0
	for _, sentence := range h.sentences[:index] {
		before += len(sentence)
	}
	return heard{
		index: index, text: strings.TrimSpace(strings.Join(h.sentences[index][:count], "")), final: final,
		start: time.Duration(before) * h.word, end: time.Duration(before+count) * h.word,
	}
}

// dictation recognises a text piece by piece, in step with the audio, and never changes a word.
type dictation struct {
	pieces []string
	word   time.Duration
	length time.Duration // of audio so far
	told   int           // pieces
}

// add takes audio and returns the new pieces.
func (d *dictation) add(length time.Duration) []string {
	d.length += length
	return d.until(int(d.length / d.word))
}

// end returns the last pieces: the words that were begun, and at least one.
func (d *dictation) end() []string {
	return d.until(max(1, int((d.length+d.word-1)/d.word)))
}

func (d *dictation) until(count int) []string {
	from := d.told
	d.told = max(from, min(count, len(d.pieces)))
	return d.pieces[from:d.told]
}
