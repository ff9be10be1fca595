package diagnose_test

import (
	"strings"
	"testing"

	"duplex/bridge/diagnose"
	"duplex/bridge/dial"
)

func TestErrorInReadsTheErrorsOfServices(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]diagnose.ServiceError{
		`{"resp_type":"ERROR","error_code":"SIS.0304","error_msg":"Failed to receive audio"}`:                                               {Code: "SIS.0304", Words: "Failed to receive audio"},
		`{"type":"response.done","response":{"status":"failed","status_details":{"error":{"code":"insufficient_quota","message":"none"}}}}`: {},
		`{"type":"response.done","response":{"status":"failed","status_details":{"error":{"code":"quota","message":"used up"}}}}`:           {Code: "quota", Words: "used up"},
		`{"type":"execution_error","data":{"exception_message":"CUDA out of memory"}}`:                                                      {Words: "CUDA out of memory"},
		`{"msg_type":"error","content":{"ename":"NameError","evalue":"name 'x' is not defined"}}`:                                           {Code: "NameError", Words: "name 'x' is not defined"},
		`{"type":"auth_invalid","message":"Invalid password"}`:                                                                              {Words: "Invalid password"},
		`{"id":1,"type":"event","event":{"type":"error","data":{"code":"stt-failed","message":"no speech"}}}`:                               {Code: "stt-failed", Words: "no speech"},
		`{"message":"Error","type":"idle_timeout","reason":"Session ended"}`:                                                                {Code: "idle_timeout", Words: "Session ended"},
		`{"action":"error","code":"10110","data":"","desc":"no license"}`:                                                                   {Code: "10110", Words: "no license"},
		`{"success":false,"msg":"backend gone"}`:                                                                                            {Words: "backend gone"},
		`{"code":1,"msg":"engine crashed"}`:                                                                                                 {Code: "1", Words: "engine crashed"},
		`{"code":2,"msg":"参数无效"}`:                                                                                                           {Code: "2", Words: "参数无效"},
		`{"code":7001,"msg":"识别未完成"}`:                                                                                                       {Code: "7001", Words: "识别未完成"},
		`{"ret":-1,"msg":"系统忙"}`:                                                                                                            {Code: "-1", Words: "系统忙"},
		`{"status":500,"message":"it broke"}`:                                                                                               {Code: "500", Words: "it broke"},
		`{"statusCode":503,"message":"Service Unavailable"}`:                                                                                {Code: "503", Words: "Service Unavailable"},
		`{"detail":[{"loc":["text"],"msg":"field required"}]}`:                                                                              {Words: "field required"},
		`{"message":"Internal server error","connectionId":"a","requestId":"b"}`:                                                            {Words: "Internal server error"},
		`{"header":{"status":41010105,"status_text":"SILENT_SPEECH"}}`:                                                                      {Code: "41010105", Words: "SILENT_SPEECH"},
		`{"type":"error","code":"internal","message":""}`:                                                                                   {Words: "internal"},
		`{"type":"error","data":"模型不存在"}`:                                                                                                   {Words: "模型不存在"},
		`{"code":"InvalidParameter","message":"x"}`:                                                                                         {Code: "InvalidParameter", Words: "x"},
		`{"code":"E5001","msg":"识别失败"}`:                                                                                                     {Code: "E5001", Words: "识别失败"},
		`42["error",{"message":"bad room"}]`:                                                                                                {Words: "bad room"},
		`44{"message":"Not authorized"}`:                                                                                                    {Words: "Not authorized"},
		"data: {\"error\":{\"message\":\"overloaded\"}}\n\n":                                                                                {Words: "overloaded"},
		"{\"text\":\"a\"}\n{\"error\":\"late\"}":                                                                                            {Words: "late"},
		"Error: CUDA out of memory":                                                                                                         {Words: "CUDA out of memory"},
		"[ERROR] bad rate":                                                                                                                  {Words: "bad rate"},
		"错误：模型未加载":                                                                                                                          {Words: "模型未加载"},
		"Traceback (most recent call last):\n  File \"a.py\"\nValueError: bad rate\n":                                                       {Words: "ValueError: bad rate"},
	} {
		if found, ok := diagnose.ErrorIn([]byte(message)); found != want || ok != (want.Words != "") {
			t.Errorf("%s: %+v (%v), want %+v", message, found, ok, want)
		}
	}
}

func TestErrorInLeavesAnswersAlone(t *testing.T) {
	t.Parallel()
	for _, message := range []string{
		`{"code":1,"msg":"识别完成"}`, `{"code":10000,"message":"success"}`, `{"code":"00000","msg":"一切ok"}`, `{"ret":1,"message":"recognized"}`,
		`{"code":101,"message":"upstream connected"}`, `{"code":"M1","message":"backend ready"}`, `{"code":1,"msg":"参数已更新"}`, `{"ret":1,"message":"authenticated"}`,
		`{"code":101,"message":"partial result"}`, `{"code":"zh","message":"你好"}`, `{"code":"chat","message":"How can I help?"}`, `{"code":"EOS","message":"end of stream"}`,
		`{"code":"stop","message":"generation is complete"}`, `{"code":"A0000","message":"一切正常"}`, `{"success":true,"code":"X1","message":"12 failed before"}`,
		`{"error":{"code":0,"message":""},"text":"hello"}`, `{"error":{"code":"OK"},"message":"hello"}`, `{"error":"No error","message":"hi"}`, `{"error_message":"No error","error_code":"0"}`,
		`{"name":"Error analysis","text":"the run is over"}`, `{"type":"metric","name":"word_error","message":"wer"}`, `{"state":"no error","message":"sensor 3"}`,
		`{"state":"error-free","message":"sensor 3"}`, `{"status":"0 failed","message":"tests"}`, `{"type":"error_correction","text":"their"}`, `{"state":"failed_over","message":"node 2"}`,
		`{"status":"aborted","message":"stopped by user"}`, `{"code":200,"data":{"code":404,"message":"room 404"}}`, `{"user":"bob","message":"not found"}`,
		`{"code":860,"description":"country calling code"}`, `{"type":"response.output_text.done","text":"Error: file not found means that"}`,
		`Here is an example: {"error":{"code":"x","message":"bad key"}}`, `以下是示例 {"error":{"message":"bad key"}}`, "Error handling in Go is explicit", "Errors: none", "errors are human",
	} {
		if found, ok := diagnose.ErrorIn([]byte(message)); ok {
			t.Errorf("%s is taken for the error %+v", message, found)
		}
	}
}

func TestIsEndKnowsTheLastWordOfAService(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]bool{
		`{"resp_type":"END","reason":"ERROR"}`: true, `{"id":1,"type":"event","event":{"type":"run-end","data":null}}`: true, `{"type":"session.closed"}`: true, `{"message":"Disconnected"}`: true,
		`{"type":"response.output_text.delta","delta":"the end"}`: false, `{"text":"done"}`: false, `{"type":"weekend"}`: false, `end`: false, ``: false,
	} {
		if diagnose.IsEnd([]byte(message)) != want {
			t.Errorf("%q: %v, want %v", message, !want, want)
		}
	}
}

// ended is an ordinary session that the target closed.
func ended(code int, reason string, last diagnose.ServiceError) diagnose.Evidence {
	c := &diagnose.Closing{}
	later(c)
	c.Code, c.Reason, c.LastError = code, reason, last
	return diagnose.Evidence{Report: &dial.Report{URL: "wss://example.com/ws", Phase: dial.PhaseOpen}, Closing: c}
}

func TestWordsOfServicesTellTheCause(t *testing.T) {
	t.Parallel()
	for reason, rule := range map[string]string{
		"时间戳已过期": "said_clock", "签名过期": "said_clock", "Signature expired": "said_clock",
		"请求过于频繁，请稍后再试": "said_limit", "服务繁忙": "said_limit", "当前appid没有购买资源，资源包耗尽": "said_limit", "音频发送过快": "said_limit", "Client sent audio too fast": "said_limit",
		"Session Expired": "said_limit", "Session hit the maximum duration of 60 minutes.": "said_limit", "Resource has been exhausted": "said_limit", "Insufficient Funds": "said_limit", "licc limit": "said_limit",
		"令牌无效": "said_credential", "无权访问该模型": "said_credential", "签名验证失败": "said_credential", "not_authorised": "said_credential", "the project does not have access to it": "said_credential",
		"Failed to receive audio in 20 seconds": "said_idle", "wait audio over time": "said_idle", "会话空闲超时": "said_idle",
		"请先发送配置消息": "said_order", "Expected a start message": "said_order",
		"Invalid value at 'setup.model'": "said_message", "Unsupported media type: no audio data found": "said_message", "Specified language is not valid": "said_message", "Bad input": "said_message", "param type error": "said_message",
		"不支持的采样率": "said_message", "请求参数缺失: model": "said_message", "expected dict": "said_message",
		"连接长时间无数据": "said_idle", "60秒内未收到音频": "said_idle",
		"connection limit exceeded for this key": "said_limit", "All workers are busy": "said_limit", "Your free trial has ended. Please upgrade your plan.": "said_limit",
		"jwt expired": "said_credential", "login required": "said_credential", "user not found": "said_credential", "AUTH_FAILED": "said_credential", "appkey 不存在": "said_credential",
		"only text frames are accepted": "said_message", "binary not allowed": "said_message", "language xx is not available": "said_message", "voice does not exist": "said_message", "Message must be JSON": "said_message",
		"sample_rate should be 16000": "said_message", "audio format mismatch": "said_message", "This model's maximum context length is 4096 tokens": "said_message",
		"audio before config": "said_order", "Unexpected condition: worker exited with code 137": "said_failure", "推理进程退出": "said_failure", "后端服务不可用": "said_failure", "upstream connection closed": "said_failure",
		"模型加载失败": "said_failure", "显存不足": "said_failure", "backend is down": "said_failure", "the worker died": "said_failure",
	} {
		finding, _ := diagnose.Explain(ended(4100, reason, diagnose.ServiceError{}))
		if finding.Rule != rule || finding.Said == nil {
			t.Errorf("%q is explained as %s (said %v), want %s", reason, finding.Rule, finding.Said, rule)
		}
	}
	// A code says more than words that only name a failure.
	finding, _ := diagnose.Explain(ended(1000, "", diagnose.ServiceError{Code: "InvalidParameter", Words: "Engine returned error 418"}))
	if finding.Rule != "said_message" {
		t.Errorf("explained as %s, want said_message", finding.Rule)
	}
}

func TestReasonInGBKIsRead(t *testing.T) {
	t.Parallel()
	finding, _ := diagnose.Explain(ended(1011, "\xc4\xa3\xd0\xcd\xd2\xec\xb3\xa3", diagnose.ServiceError{})) // 模型异常
	if finding.Said == nil || finding.Said.Values["words"] != "模型异常" || finding.Rule != "said_failure" {
		t.Errorf("%s %+v", finding.Rule, finding.Said)
	}
}

func TestNothingReadableIsNotQuoted(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"\xff\xfe", "caf\xe9 ferm\xe9", strings.Repeat("r", 123)} {
		if finding, ok := diagnose.Explain(ended(4000, reason, diagnose.ServiceError{})); !ok || finding.Said != nil {
			t.Errorf("%q: %v %+v", reason, ok, finding.Said)
		}
	}
}

func TestReasonsOfOrdinaryClosesAreNoFailures(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{
		"Bye, no error", "completed without errors", "conversation ended: agent hung up", "client requested close", "EOS", "正常关闭", "会话结束", "识别完成",
		"task complete; 12 tokens billed", "authenticated session ended", "credit note issued", "all input processed",
	} {
		if finding, ok := diagnose.Explain(ended(1000, reason, diagnose.ServiceError{})); ok {
			t.Errorf("%q is explained as %s", reason, finding.Rule)
		}
	}
	for _, reason := range []string{"token expired", "授权失败", "invalid_api_key", "60秒内未收到音频", "no audio received for 30 s", "too many connections"} {
		if _, ok := diagnose.Explain(ended(1000, reason, diagnose.ServiceError{})); !ok {
			t.Errorf("%q is not explained", reason)
		}
	}
}
