import assert from "node:assert/strict"
import { test } from "node:test"
import { checkSecret, regionOf } from "../src/forms/secret-check"

const now = Date.parse("2026-11-30T12:00:00Z") * 1000

// iam makes a token as IAM does: bytes of a signed message with JSON among them.
function iam(expires: string, project: string): string {
  const json = JSON.stringify({ token: { expires_at: expires, methods: ["password"], project: { domain: { name: "team", id: "d1" }, name: project, id: "p1" } } })
  const head = Uint8Array.from([0x30, 0x82, 0x04, 0x01])
  return Buffer.concat([head, Buffer.from(json), Buffer.alloc(700, 7)]).toString("base64").replaceAll("/", "-")
}

const address = "wss://infer-modelarts-cn-north-4.modelarts-infer.com/v1/infers/1"

test("a token of IAM tells its end and its project", () => {
  const token = iam("2026-12-01T08:41:00.000000Z", "cn-north-4")
  assert.ok(token.startsWith("MII") || token.startsWith("MIIE"), token.slice(0, 6))
  assert.deepEqual(checkSecret("token", "token", token, address, now), { tone: "good", says: "valid", untilUS: Date.parse("2026-12-01T08:41:00Z") * 1000, project: "cn-north-4" })
  assert.equal(checkSecret("token", "token", iam("2026-11-30T09:00:00Z", "cn-north-4"), address, now)?.says, "expired")
  const elsewhere = checkSecret("token", "token", iam("2026-12-01T09:00:00Z", "ap-southeast-1_team"), address, now)
  assert.deepEqual(elsewhere && "region" in elsewhere && [elsewhere.says, elsewhere.project, elsewhere.region], ["region", "ap-southeast-1_team", "cn-north-4"])
})

test("a JWT tells its end", () => {
  const jwt = (exp: number) => ["eyJhbGciOiJub25lIn0", Buffer.from(JSON.stringify({ exp })).toString("base64url"), ""].join(".")
  assert.equal(checkSecret("bearer", "token", jwt(now / 1e6 + 600), "wss://a.example", now)?.says, "valid")
  assert.equal(checkSecret("bearer", "token", jwt(now / 1e6 - 600), "wss://a.example", now)?.says, "expired")
})

test("mistakes of copying are named, and nothing is invented", () => {
  for (const [kind, field, value, says] of [
    ["token", "token", "abc", "not_token"],
    ["token", "token", "MIIabc", "short"],
    ["bearer", "token", "Bearer abc", "prefix"],
    ["api_key", "key", "a b", "spaces"],
    ["bearer", "token", "sk-opaque", "length"],
    ["basic", "password", "any thing", undefined],
    ["bearer", "token", "", undefined],
  ] as const) {
    assert.equal(checkSecret(kind, field, value, address, now)?.says, says, value)
  }
})

test("a host tells its region", () => {
  assert.equal(regionOf(address), "cn-north-4")
  assert.equal(regionOf("wss://sis-ext.cn-east-3.myhuaweicloud.com/v1"), "cn-east-3")
  assert.equal(regionOf("wss://cn-north-4.example/"), "")
})
