"""A streaming recogniser made with the Python packages websockets and pocketsphinx. It knows
the few commands of its grammar. Argument: the port to listen on, on loopback.

The caller sends {"op": "begin", "rate": 16000} once and waits for {"op": "ready"}. For each
command it sends samples of 16 bits in binary messages, then {"op": "stop"}. While it hears, the service sends
{"op": "heard", "words": "turn on", "sure": false} when the words change; after stop the words
that are sure, and {"op": "over", "ms": 1100}. What is out of order gets
{"op": "fault", "code": "...", "why": "..."}."""

import asyncio
import json
import os
import sys
import tempfile

import websockets
from pocketsphinx.pocketsphinx import Decoder

MODEL = "/usr/share/pocketsphinx/model/en-us"
RATE = 16000
GRAMMAR = """#JSGF V1.0;
grammar house;
public <command> = <switch> | <move>;
<switch> = turn (on | off) the (light | radio | fan | heating);
<move> = (open | close) the (door | window);
"""


def new_decoder():
    with tempfile.NamedTemporaryFile("w", suffix=".gram", delete=False) as file:
        file.write(GRAMMAR)
    config = Decoder.default_config()
    for name, value in {
        "-hmm": MODEL + "/en-us",
        "-dict": MODEL + "/cmudict-en-us.dict",
        "-jsgf": file.name,
        "-logfn": "/dev/null",
    }.items():
        config.set_string(name, value)
    decoder = Decoder(config)
    os.unlink(file.name)
    return decoder


class Fault(Exception):
    """What the service does not take: a code and a sentence."""


class Ear:
    """Hears one command after another on one connection."""

    def __init__(self, ws, decoder):
        self.ws, self.decoder = ws, decoder
        self.begun, self.hearing, self.words, self.size = False, False, "", 0

    async def say(self, **answer):
        await self.ws.send(json.dumps(answer))

    async def take(self, message):
        if isinstance(message, bytes):
            await self.hear(message)
            return
        try:
            op = json.loads(message)
        except ValueError:
            raise Fault("no_json", "a text message is not JSON")
        if op.get("op") == "begin" and not self.begun:
            await self.begin(op)
        elif op.get("op") == "stop" and self.hearing:
            await self.stop()
        else:
            raise Fault("out_of_order", "begin, samples, stop")

    async def begin(self, op):
        if op.get("rate") != RATE:
            raise Fault("rate", "samples have %d Hz" % RATE)
        self.begun = True
        await self.say(op="ready")

    async def hear(self, samples):
        if not self.begun:
            raise Fault("out_of_order", "samples before begin")
        if not self.hearing:
            self.hearing, self.words, self.size = True, "", 0
            self.decoder.start_utt()
        self.size += len(samples)
        self.decoder.process_raw(samples, False, False)
        words = self.heard()
        if words and words != self.words:
            self.words = words
            await self.say(op="heard", words=words, sure=False)

    async def stop(self):
        self.hearing = False
        self.decoder.end_utt()
        await self.say(op="heard", words=self.heard(), sure=True)
        await self.say(op="over", ms=self.size * 1000 // (2 * RATE))

    def heard(self):
        best = self.decoder.hyp()
        return best.hypstr if best else ""


async def talk(ws):
    ear = Ear(ws, await asyncio.to_thread(new_decoder))
    try:
        async for message in ws:
            await ear.take(message)
    except Fault as fault:
        code, why = fault.args
        await ear.say(op="fault", code=code, why=why)


async def serve(port):
    async with websockets.serve(talk, "127.0.0.1", port):
        await asyncio.Future()


asyncio.run(serve(int(sys.argv[1])))
