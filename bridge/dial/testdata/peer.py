"""A target made with the Python package websockets: it sends the request it got as
JSON, then echoes. Argument: the port to listen on, on loopback."""

import asyncio
import json
import sys

import websockets


async def talk(ws):
    headers = [[name, value] for name, value in ws.request_headers.raw_items()]
    await ws.send(json.dumps({"path": ws.path, "headers": headers}))
    async for message in ws:
        await ws.send(message)


async def main():
    async with websockets.serve(talk, "127.0.0.1", int(sys.argv[1]), subprotocols=["duplex.test"]):
        await asyncio.Future()


asyncio.run(main())
