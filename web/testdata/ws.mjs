// The Node package ws at both ends. "serve PORT" answers each message, with permessage-deflate
// where it is offered; "talk ADDRESS" sends messages of each kind, fragments and pings through
// a relay, and prints what is not as it should be, and at last how it was closed.

import { createRequire } from "node:module"

const { WebSocket, WebSocketServer } = createRequire(import.meta.url)("/usr/share/nodejs/ws") // Debian's node-ws
const [mode, where] = process.argv.slice(2)

if (mode === "serve") {
  const server = new WebSocketServer({ host: "127.0.0.1", port: Number(where), perMessageDeflate: { threshold: 0 } })
  server.on("connection", (socket) => {
    socket.on("message", (data, binary) => socket.send(data, { binary }))
    socket.on("close", (code, reason) => console.error("closed with", code, String(reason)))
  })
} else {
  const socket = new WebSocket(where)
  const messages = ["hello", "", "κόσμε ".repeat(20_000), Buffer.alloc(1 << 20, 7), Buffer.from([0, 255])]
  const heard = []
  socket.on("open", () => {
    for (const message of messages) socket.send(message)
    socket.send("in ", { fin: false })
    socket.ping("between")
    socket.send("parts", { fin: true })
  })
  socket.on("pong", (data) => String(data) === "between" || console.log("pong", String(data)))
  socket.on("message", (data, binary) => {
    heard.push(binary ? data : String(data))
    if (heard.length <= messages.length) return
    for (const [i, want] of [...messages, "in parts"].entries())
      if (Buffer.compare(Buffer.from(heard[i]), Buffer.from(want)) !== 0 || typeof heard[i] !== typeof want) console.log("message", i, "differs")
    socket.close(4001, "done")
  })
  socket.on("error", (error) => console.log(String(error)))
  socket.on("close", (code, reason) => console.log(code, String(reason)))
}
