package vault

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestFirstStartMakesAKeyFileForItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "keys")
	first, err := LoadOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if folder, err := os.Stat(filepath.Dir(path)); err != nil || folder.Mode().Perm() != 0o700 {
		t.Errorf("folder mode %v, %v", folder.Mode(), err)
	}
	if names, err := os.ReadDir(filepath.Dir(path)); err != nil || len(names) != 1 {
		t.Errorf("left behind: %v, %v", names, err)
	}
	second, err := LoadOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := second.Open(here(), mustSeal(t, first, here(), value)); err != nil || got.Reveal() != value {
		t.Errorf("after a restart: %v", err)
	}
}

func TestTwoKeyFilesHoldTwoKeys(t *testing.T) {
	a, b := filepath.Join(t.TempDir(), "keys"), filepath.Join(t.TempDir(), "keys")
	for _, path := range []string{a, b} {
		if _, err := LoadOrCreate(path); err != nil {
			t.Fatal(err)
		}
	}
	textA, _ := os.ReadFile(a)
	textB, _ := os.ReadFile(b)
	if len(textA) == 0 || string(textA) == string(textB) {
		t.Error("the keys are not random")
	}
}

func TestProcessesThatStartTogetherShareOneKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	keyrings := make([]*Keyring, 8)
	var starting sync.WaitGroup
	for i := range keyrings {
		starting.Go(func() {
			keyring, err := LoadOrCreate(path)
			if err != nil {
				t.Error(err)
			}
			keyrings[i] = keyring
		})
	}
	starting.Wait()
	if t.Failed() {
		return
	}
	for _, keyring := range keyrings {
		if _, err := keyrings[0].Open(here(), mustSeal(t, keyring, here(), value)); err != nil {
			t.Error(err)
		}
	}
}

func TestKeyFileOpenToOthersIsRefused(t *testing.T) {
	for _, mode := range []os.FileMode{0o640, 0o604, 0o660, 0o601, 0o644} {
		path := filepath.Join(t.TempDir(), "keys")
		writeFile(t, path, "k1:"+hexOf('1')+"\n")
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadOrCreate(path); err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) {
			t.Errorf("%#o: %v", mode, err)
		}
	}
}

func TestMalformedKeyFileIsRefusedByLineAndNotQuoted(t *testing.T) {
	key := hexOf('a')
	for name, c := range map[string]struct{ text, says string }{
		"empty":            {"", "line 1"},
		"blank line":       {"\n", "line 1"},
		"blank line below": {"k1:" + key + "\n\n", "line 2"},
		"no id":            {":" + key + "\n", "line 1"},
		"no colon":         {key + "\n", "line 1"},
		"short":            {"k1:" + key[1:] + "\n", "line 1"},
		"long":             {"k1:" + key + "a\n", "line 1"},
		"no hex":           {"k1:" + key[1:] + "g\n", "line 1"},
		"blank before":     {" k1:" + key + "\n", "line 1"},
		"blank after":      {"k1:" + key + " \n", "line 1"},
		"Windows line end": {"k1:" + key + "\r\n", "line 1"},
		"comment":          {"# newest first\nk1:" + key + "\n", "line 1"},
		"second line":      {"k2:" + key + "\nk1;" + key + "\n", "line 2"},
		"id twice":         {"k1:" + key + "\nk1:" + hexOf('b') + "\n", "line 2"},
		"far too long":     {strings.Repeat("k:"+key+"\n", 2000), "longer than"},
	} {
		path := filepath.Join(t.TempDir(), "keys")
		writeFile(t, path, c.text)
		_, err := LoadOrCreate(path)
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), key[1:]) {
			t.Errorf("%s: quotes the key: %v", name, err)
		}
		if left, _ := os.ReadFile(path); string(left) != c.text {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

func TestKeyFileMayEndWithoutNewline(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	writeFile(t, path, "2026-11.b:"+strings.ToUpper(hexOf('a'))+"\nk_1:"+hexOf('1'))
	if keyring, err := LoadOrCreate(path); err != nil || len(keyring.keys) != 2 || keyring.keys[0].id != "2026-11.b" {
		t.Error(err)
	}
}

func TestKeyFileThatCannotBeReadOrMadeIsAnError(t *testing.T) {
	folder := t.TempDir()
	if _, err := LoadOrCreate(folder); err == nil || !strings.Contains(err.Error(), "not a file") {
		t.Errorf("folder: %v", err)
	}
	file := filepath.Join(folder, "file")
	writeFile(t, file, "")
	if _, err := LoadOrCreate(filepath.Join(file, "keys")); err == nil {
		t.Error("made a key file inside a file")
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestKeyFileIsReadAgainWhenItHasChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	old, fresh := "old:"+hexOf('1')+"\n", "new:"+hexOf('2')+"\n"
	writeFile(t, path, old)
	running, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	before := mustSeal(t, running, here(), value)
	replaceFile(t, path, fresh+old)
	elsewhere, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := running.Open(here(), mustSeal(t, elsewhere, here(), value)); err != nil || got.Reveal() != value {
		t.Errorf("sealed under a key that came later: %v", err)
	}
	replaceFile(t, path, fresh) // the old key leaves while the process runs
	if sealed := mustSeal(t, running, here(), value); sealed.KeyID != "new" {
		t.Errorf("sealed under %s, which the file no longer has", sealed.KeyID)
	}
	if _, err := running.Open(here(), before); err == nil {
		t.Error("opened with a key that was taken away")
	}
}

func TestNothingIsSealedUnderAKeyThatMayBeGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	writeFile(t, path, "k1:"+hexOf('1')+"\n")
	keyring, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed := mustSeal(t, keyring, here(), value)
	replaceFile(t, path, "half a li")
	if _, err := keyring.Seal(here(), NewSecret(value)); err == nil {
		t.Error("sealed with a key file that is broken")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.Seal(here(), NewSecret(value)); err == nil {
		t.Error("sealed with no key file")
	}
	if _, err := keyring.Open(here(), sealed); err != nil {
		t.Errorf("what was sealed before does not open: %v", err)
	}
}

func TestLoadMakesNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	if _, err := Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("made one")
	}
}

// replaceFile puts another file there, as an editor or an orchestrator does.
func replaceFile(t *testing.T, path, text string) {
	t.Helper()
	writeFile(t, path+".draft", text)
	if err := os.Rename(path+".draft", path); err != nil {
		t.Fatal(err)
	}
}
