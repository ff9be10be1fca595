//go:build e2e

package e2e

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// languages are those that the page is read in, as a browser's own list of them.
var languages = map[string]string{"en": "en-US,en", "zh": "zh-CN,zh,en"}

// reads makes the browser prefer a language.
func (p *page) reads(language string) {
	p.t.Helper()
	agent := p.eval("navigator.userAgent")
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
			UserAgent: agent, AcceptLanguage: languages[language],
		})
		return err
	}))
}

// untilLanguage waits for a page in a language, however it is come to.
func (p *page) untilLanguage(tag string) {
	p.t.Helper()
	p.do(chromedp.WaitReady(chromedp.CSS("html[lang=" + tag + "] body")))
	p.until(`document.readyState === "complete"`)
}

func TestPageIsReadInTheBrowsersLanguageOrTheChosenOne(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.reads("zh")
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.untilLanguage("zh-CN")
	p.dial()
	p.untilText("status", "已连接")
	at := p.eval("location.pathname")
	if loaded := p.eval(`performance.getEntriesByType("resource").map((r) => r.name).filter((name) => name.includes("/text-")).join(" ")`); strings.Count(loaded, "/text-") != 1 || !strings.Contains(loaded, "/text-zh-") {
		t.Errorf("sentences were loaded from %s", loaded)
	}

	p.compose("text", "half a sentence")
	p.click("edit")
	p.do(chromedp.SendKeys(id("address"), "?b=2"))
	p.click("language")
	p.eval(`document.querySelector(".menu[open] [value=en]").click()`)
	p.untilLanguage("en")
	p.untilOpen()
	p.ready()
	p.untilText("status", connected)
	p.until(`!document.querySelector("[data-testid=reconnect]").hidden`)
	written := p.eval(`document.querySelector("[data-testid=composer] .cm-content").innerText`)
	address := p.eval(`document.querySelector("[data-testid=address]").value`)
	if written != "half a sentence" || !strings.HasSuffix(address, "?b=2") || p.eval("location.pathname") != at {
		t.Errorf("after the switch: %q, %s at %s", written, address, p.eval("location.pathname"))
	}

	p.visit(s.URL + "/history")
	p.untilLanguage("en") // the choice is remembered, whatever the browser prefers
	p.do(chromedp.KeyEvent("k", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	p.until(`document.querySelector("[data-testid=commands]")?.open`)
	p.do(chromedp.KeyEvent("简体"), chromedp.KeyEvent(kb.Enter))
	p.untilLanguage("zh-CN")
	p.visit(s.URL + "/settings")
	p.untilLanguage("zh-CN")
	p.press(".segments [value=en]")
	p.untilLanguage("en")
	if problems := p.unexpected(); len(problems) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(problems, "\n"))
	}
}

func TestLanguageIsChosenWithoutScript(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/settings?from=here")
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
	p.visit(s.URL + "/settings?from=here")
	p.press(".segments [value=zh]")
	p.do(chromedp.WaitVisible(chromedp.CSS("html[lang=zh-CN]")))
	if at := p.eval("location.pathname + location.search"); at != "/settings?from=here" {
		t.Errorf("the choice led to %s", at)
	}
}

func TestSwitchAsksBeforeASecretIsLost(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browseOnDisk(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "aksk").ID)
	p.ready()
	p.click("tab-auth")
	p.replaceSecret("secret_key", secrets["aksk.secret_key"])
	choose := `document.querySelector("[data-languages] [value=zh]").click()`
	p.eval(choose)
	p.until(`document.querySelector("[data-testid=confirm]")?.open`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`document.querySelector("[data-testid=confirm]") === null`)
	if lang, secret := p.eval("document.documentElement.lang"), p.eval(`document.querySelector("[data-testid=auth-secret_key]").value`); lang != "en" || secret != secrets["aksk.secret_key"] {
		t.Errorf("after a no: %s, and the secret has %d characters", lang, len(secret))
	}
	p.eval(choose)
	p.click("confirm-yes")
	p.untilLanguage("zh-CN")
	p.untilText("toast", "没有保存在浏览器中")
}

func TestRefusalAndEndAreExplainedInChinese(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.reads("zh")
	for _, scene := range scenes() {
		if scene.name == "refused-401" {
			scene.set(p, s)
		}
	}
	p.untilText("cause", "签名错误。")
	p.untilText("fix", "请检查“认证”中的 SK")
	p.untilText("evidence", "错误码")
	p.untilText("action", "打开“认证”")

	p.visit(s.URL + "/services/" + s.demo("close", "none").ID)
	p.dial()
	p.compose("json", `{"text": "hello"}`)
	p.click("send")
	p.untilText("session-notice", "the model crashed")
	p.untilText("session-notice", "1011")
	p.untilText("status", "已关闭 1011")
	p.until(`[...document.querySelectorAll("[data-testid=row]")].at(-1).textContent.includes("由服务关闭：1011")`)

	p.visit(s.URL + "/connect")
	p.fill("address", "ws://169.254.169.254/latest")
	p.click("connect")
	p.untilText("cause", "该地址属于云的元数据服务。")
}
