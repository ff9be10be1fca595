import assert from "node:assert/strict"
import { test } from "node:test"
import { readPasted, type Pasted } from "../src/start/command"

function read(text: string): Pasted {
  const { ok, error } = readPasted(text)
  assert.equal(error, null, text)
  return ok as Pasted
}

test("an address is read with and without a scheme", () => {
  for (const [given, want] of [
    ["wss://a.example/x?y=1", "wss://a.example/x?y=1"],
    ["a.example/x", "wss://a.example/x"],
    ["localhost:8080/x", "ws://localhost:8080/x"],
    ["10.1.2.3/x", "ws://10.1.2.3/x"],
    ["https://a.example/v1#part", "wss://a.example/v1"],
    [" wss://a.example ", "wss://a.example"],
  ] as const) assert.equal(read(given).address, want)
  assert.deepEqual(read("https://a.example/v1#part").tidied, { address: "wss://a.example/v1", from: "https", to: "wss", cut: true })
  assert.equal(read("a.example").source, "address")
})

test("a wscat line gives address, subprotocols and the token", () => {
  const got = read(`wscat -c 'wss://infer-modelarts-cn-north-4.modelarts-infer.com/v1/infers/8f2c/v1/realtime?model=qwen3-32b' -H "X-Auth-Token: MIIabc==" -s chat --subprotocol v2 -n`)
  assert.equal(got.source, "wscat")
  assert.equal(got.address, "wss://infer-modelarts-cn-north-4.modelarts-infer.com/v1/infers/8f2c/v1/realtime?model=qwen3-32b")
  assert.deepEqual(got.credential, { from: "X-Auth-Token", kind: "token", fields: { token: "MIIabc==" } })
  assert.deepEqual([got.headers, got.subprotocols, got.left], [[], ["chat", "v2"], []])
})

test("a command of several lines with quotes of both kinds is read", () => {
  const got = read(String.raw`curl --no-buffer -sSi \
    -H 'Authorization: Bearer sk-1"2' \
    --header "X-Note: it's \"quoted\"" \
    -H 'Connection: Upgrade' -H 'Sec-WebSocket-Key: abc==' -H 'Sec-WebSocket-Protocol: a, b' \
    https://api.example/v1/realtime`)
  assert.equal(got.address, "wss://api.example/v1/realtime")
  assert.deepEqual(got.credential, { from: "Authorization", kind: "bearer", fields: { token: 'sk-1"2' } })
  assert.deepEqual(got.headers, [{ name: "X-Note", value: `it's "quoted"`, secret: false }])
  assert.deepEqual(got.subprotocols, ["a", "b"])
  assert.deepEqual(got.left, [])
})

test("credentials move to the kind that sends them", () => {
  for (const [command, kind, fields] of [
    ["curl -u me:p:w wss://a.example", "basic", { username: "me", password: "p:w" }],
    ["wscat --auth me:pw -c a.example", "basic", { username: "me", password: "pw" }],
    ["websocat --basic-auth=me:pw wss://a.example", "basic", { username: "me", password: "pw" }],
    ["curl --oauth2-bearer tok wss://a.example", "bearer", { token: "tok" }],
    ["wscat -H 'Authorization: Basic bWU6cHc=' -c wss://a.example", "basic", { username: "me", password: "pw" }],
    ["wscat -H 'X-Apig-AppCode: code' -c wss://a.example", "app_code", { app_code: "code" }],
    ["wscat -H'X-API-Key: k' -c wss://a.example", "header", { name: "X-API-Key", value: "k" }],
    ["wscat -H 'Authorization: Token t' -c wss://a.example", "header", { name: "Authorization", value: "Token t" }],
    ["wscat -c 'wss://a.example/?model=m&key=K1'", "query", { name: "key", value: "K1" }],
    ["wscat -H 'Authorization: Bearer k' -c wss://x.modelarts-infer.com/v2/infers/1/ws", "api_key", { key: "k" }],
  ] as const) {
    const { credential } = read(command)
    assert.deepEqual([credential?.kind, credential?.fields], [kind, fields], command)
  }
  assert.equal(read("wscat -c 'wss://a.example/?model=m&key=K1&x=%2F'").address, "wss://a.example/?model=m&x=%2F")
})

test("a second credential stays a header, as a secret", () => {
  const got = read("curl -H 'X-Auth-Token: t' -H 'x-api-key: k' -b 'sid=1' wss://a.example")
  assert.equal(got.credential?.kind, "token")
  assert.deepEqual(got.headers, [{ name: "x-api-key", value: "k", secret: true }, { name: "Cookie", value: "sid=1", secret: true }])
})

test("a variable of the shell is no value", () => {
  const got = read(`websocat -H "Authorization: Bearer $OPENAI_API_KEY" -H='X-Plain: $literal' 'wss://api.openai.com/v1/realtime?model=gpt'`)
  assert.deepEqual(got.open, ["Authorization"])
  assert.deepEqual(got.credential, { from: "Authorization", kind: "bearer", fields: { token: "" } })
  assert.deepEqual(got.headers, [{ name: "X-Plain", value: "$literal", secret: false }])
})

test("a command is found behind a prompt, npx and a pipe", () => {
  for (const command of ["$ npx wscat -c ws://localhost:1/x", "echo hi | websocat -n ws://localhost:1/x", "A=b /usr/bin/curl -vN http://localhost:1/x | jq .", "npx -y wscat --connect=ws://localhost:1/x"]) {
    assert.equal(read(command).address, "ws://localhost:1/x", command)
  }
})

test("options without a place are named", () => {
  assert.deepEqual(read("wscat -c wss://a.example -x '{}' --ca ca.pem --strange").left, ["-x", "--ca", "--strange"])
  assert.deepEqual(read("curl -k wss://a.example").left, ["-k"])
})

test("a block of text with one address is read", () => {
  const got = read("API URL: https://infer.example/v1/infers/1\nX-Auth-Token: MIIx\nsome words")
  assert.equal(got.address, "wss://infer.example/v1/infers/1")
  assert.equal(got.credential?.kind, "token")
})

test("what cannot be read is named", () => {
  for (const [text, why, part] of [
    ["wscat -c 'wss://a.example", "quote", "'wss://a.example"],
    ["wscat -c", "no_value", "-c"],
    ["wscat -H 'A: b'", "no_address", "wscat"],
    ["wscat -c wss://a.example -H 'no colon'", "bad_header", "-H no colon"],
    ["open the door", "unknown", "open the door"],
    ["wss://a.example and wss://b.example", "no_address", "wss://a.example and wss://b.example"],
  ] as const) {
    assert.deepEqual(readPasted(text).error, { why, part }, text)
  }
})

test("any text is read without an exception", () => {
  const pieces = ["wscat", "curl", " -H ", "'", '"', "\\", "\n", "a:b", "wss://x", " -c ", "$(", "|", "=", "--", "é", "^\r\n"]
  let seed = 7
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647
  for (let n = 0; n < 3000; n++) {
    readPasted(Array.from({ length: 12 }, () => pieces[Math.floor(random() * pieces.length)]).join(""))
  }
})
