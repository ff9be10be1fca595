// Services that are known by their address beyond what dialects say. Pure.

export interface Provider {
  name: "modelarts.v1" | "modelarts.v2"
  kind: string // of credential
  messageBytes: number // 0 is unknown; in place of the dialect's, whose limits are those of v1
  requestMS: number
  inner: string // the address of the container behind the gateway, for its dialect; "" for none
}

// providerOf recognises ModelArts by the path of its gateway.
export function providerOf(address: string): Provider | null {
  const match = /^wss?:\/\/([^/?#]+)\/(v[12])\/infers?\/([^/?#]+)(\/[^?#]*)?/i.exec(address)
  if (!match) return null
  const [, , version = "", , rest = ""] = match
  const inner = rest.length > 1 ? `wss://${/^\/v1\/realtime\/?$/.test(rest) ? "api.openai.com" : "container.invalid"}${rest}` : "" // containers take over the paths of public protocols
  return version.toLowerCase() === "v1"
    ? { name: "modelarts.v1", kind: "token", messageBytes: 12 << 20, requestMS: 40_000, inner }
    : { name: "modelarts.v2", kind: "token", messageBytes: 0, requestMS: 7_200_000, inner }
}

// isComplete reports whether an address could be dialled: nobody wants a test of half a name.
export function isComplete(address: string): boolean {
  const host = /^wss?:\/\/(\[[0-9a-f:.]+\]|[^/?#:]+)(:\d+)?(?=[/?]|$)/i.exec(address)?.[1] ?? ""
  return host.startsWith("[") || host === "localhost" || /^\d+\.\d+\.\d+\.\d+$/.test(host) || /[^.]\.[a-z0-9-]{2,}$/i.test(host)
}

// hostOf returns the host of an address for its name.
export function hostOf(address: string): string {
  return /^\w+:\/\/([^/?#]+)/.exec(address)?.[1] ?? ""
}
