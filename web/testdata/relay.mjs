// A program that uses a relay by Node's own WebSocket: it sends "hello" and prints what
// comes back and the subprotocol. Arguments: address, a JSON object of headers, a JSON
// list of subprotocols. It prints that it was refused, as Node does not tell the status.

const [address, headers, subprotocols] = process.argv.slice(2)
const socket = new WebSocket(address, { protocols: JSON.parse(subprotocols), headers: JSON.parse(headers) ?? {} })
socket.onopen = () => socket.send("hello")
socket.onmessage = ({ data }) => {
  console.log(data, socket.protocol)
  socket.close()
}
socket.onerror = () => console.log("refused")
