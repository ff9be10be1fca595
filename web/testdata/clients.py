"""Programs of other protocols over WebSocket. "socketio-serve PORT" is a Socket.IO server
that answers an event; "socketio ADDRESS PATH" and "mqtt HOST PORT PATH" are clients that use
a relay, and print the answer."""

import asyncio
import sys

mode, *args = sys.argv[1:]


def serve_socketio(port):
    import socketio
    from aiohttp import web

    server = socketio.AsyncServer(async_mode="aiohttp")
    app = web.Application()
    server.attach(app)

    @server.on("ask")
    async def answer(sid, data):
        await server.emit("said", {"you said": data["text"], "bytes": data["bytes"]}, to=sid)

    web.run_app(app, host="127.0.0.1", port=port, print=None)


async def talk_socketio(address, path):
    import socketio

    client, done = socketio.AsyncClient(), asyncio.Event()

    @client.on("said")
    async def said(data):
        print(data["you said"], len(data["bytes"]))
        done.set()

    await client.connect(address, transports=["websocket"], socketio_path=path)
    await client.emit("ask", {"text": "hello", "bytes": b"\x00\xff" * 1000})
    await asyncio.wait_for(done.wait(), 30)
    await client.disconnect()


def talk_mqtt(host, port, path):
    import paho.mqtt.client as mqtt

    client = mqtt.Client(client_id="test", transport="websockets")
    client.ws_set_options(path=path, headers={"Origin": f"http://{host}:{port}"})  # else it says https
    client.on_connect = lambda *_: client.subscribe("room", qos=1)
    client.on_subscribe = lambda *_: client.publish("room", "hello " + "x" * 70000, qos=1)

    def on_message(_client, _data, message):
        print(message.topic, len(message.payload), message.payload[:5].decode())
        client.disconnect()

    client.on_message = on_message
    client.connect(host, port)
    client.loop_forever()


if mode == "socketio-serve":
    serve_socketio(int(args[0]))
elif mode == "socketio":
    asyncio.run(talk_socketio(args[0], args[1]))
else:
    talk_mqtt(args[0], int(args[1]), args[2])
