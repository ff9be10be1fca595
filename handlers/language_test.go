package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestAnswersAreInTheLanguageOfWhoeverAsks(t *testing.T) {
	c := start(t)
	for _, tt := range []struct{ accept, cookie, tag, says string }{
		{"", "", "en", "There is no such service."},
		{"zh-CN,zh;q=0.9,en;q=0.8", "", "zh-CN", "服务不存在"},
		{"zh-TW", "", "zh-CN", "服务不存在"},
		{"en-US", "duplex_language=zh", "zh-CN", "服务不存在"},
		{"zh-CN", "duplex_language=en", "en", "There is no such service."},
		{"zh-CN", "duplex_language=../../x", "zh-CN", "服务不存在"},
	} {
		asked := func(r *http.Request) {
			r.Header.Set("Accept-Language", tt.accept)
			r.Header.Set("Cookie", tt.cookie)
		}
		for path, want := range map[string]string{"/services/two": `<html lang="` + tt.tag + `">`, "/api/services/two": `"code":"service_not_found"`} {
			res, body := c.request(http.MethodGet, path, "", asked)
			if !strings.Contains(body, want) || !strings.Contains(body, tt.says) {
				t.Errorf("%+v: %s answers %.300s", tt, path, body)
			}
			if vary := res.Header.Values("Vary"); !slices.Contains(vary, "Accept-Language, Cookie") || res.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be kept for others: Vary %q, Cache-Control %q", path, vary, res.Header.Get("Cache-Control"))
			}
		}
	}
}

// choose sends the form that chooses a language.
func (c *console) choose(language, back string, edit ...func(*http.Request)) *http.Response {
	c.t.Helper()
	form := url.Values{"language": {language}, "back": {back}}.Encode()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.url+"/language", strings.NewReader(form))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, f := range edit {
		f(req)
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := (&http.Client{CheckRedirect: stay}).Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	_ = res.Body.Close()
	return res
}

func TestChosenLanguageIsRememberedForAYear(t *testing.T) {
	res := start(t).choose("zh", "/history?a=1")
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/history?a=1" {
		t.Errorf("%d to %s", res.StatusCode, res.Header.Get("Location"))
	}
	const want = "duplex_language=zh; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
	if got := res.Header.Values("Set-Cookie"); len(got) != 1 || got[0] != want {
		t.Errorf("cookies %q", got)
	}
}

func TestChoosingALanguageLeadsNowhereElse(t *testing.T) {
	c := start(t)
	for back, want := range map[string]string{
		"/sessions/a%20b?q=%2F": "/sessions/a%20b?q=%2F", "/": "/", "": "/", "history": "/", "?x": "/", "#top": "/",
		"https://evil.example/": "/", "//evil.example/x": "/", `/\evil.example`: "/", `\\evil.example`: "/", "/%5cevil.example": "/",
		"/%2F/evil.example": "/", "/..//evil.example": "/", "javascript:alert(1)": "/", "/\t/evil.example": "/", "/%0d%0aSet-Cookie:x": "/",
		"http:/history": "/", "/history#https://evil.example": "/history",
	} {
		res := c.choose("zh", back)
		if got := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || got != want {
			t.Errorf("%q leads to %q (%d), want %q", back, got, res.StatusCode, want)
		}
	}
}

func TestChoiceThatIsNoneIsRefused(t *testing.T) {
	c := start(t)
	for _, language := range []string{"", "tlh", "ZH", "zh\x00", strings.Repeat("z", 20<<10)} {
		if res := c.choose(language, "/"); res.StatusCode != http.StatusBadRequest || res.Header.Get("Set-Cookie") != "" {
			t.Errorf("%.10q: %d, cookie %q", language, res.StatusCode, res.Header.Get("Set-Cookie"))
		}
	}
	if res := c.choose("zh", "/", header("Sec-Fetch-Site", "cross-site")); res.StatusCode != http.StatusForbidden {
		t.Errorf("another site chose the language: %d", res.StatusCode)
	}
}
