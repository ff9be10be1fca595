"""Both ends of a relay, made with the Python package websockets, whose peers ask for
compression. "serve PORT" tells which extensions it uses, then echoes. "talk ADDRESS"
sends messages of many sizes, closes with 4001, and prints as JSON which extensions both
ends use, how many messages came back the same, and the code and reason of the close."""

import asyncio
import json
import random
import sys

import websockets


def used(ws):
    return [type(extension).__name__ for extension in ws.extensions]


async def echo(ws):
    await ws.send(json.dumps(used(ws)))
    async for message in ws:
        await ws.send(message)


async def serve(port):
    async with websockets.serve(echo, "127.0.0.1", int(port), max_size=None):
        await asyncio.Future()


async def talk(address):
    async with websockets.connect(address, max_size=None) as ws:
        extensions = used(ws) + json.loads(await ws.recv())
        words = [random.choice(["alpha", "beta", "gamma", "delta"]) for _ in range(200_000)]
        same = 0
        for size in (0, 1, 600, 5_000, 65_536, 1_000_000):
            message = " ".join(words)[:size]
            await ws.send(message)
            same += await ws.recv() == message
        await ws.close(4001, "done")
        print(json.dumps({"extensions": extensions, "same": same, "code": ws.close_code, "reason": ws.close_reason}))


asyncio.run({"serve": serve, "talk": talk}[sys.argv[1]](sys.argv[2]))
