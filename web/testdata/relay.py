"""A program that uses a relay by the Python package websockets: it sends "hello" and
prints what comes back and the subprotocol. Arguments: address, a JSON object of
headers, a JSON list of subprotocols. It prints the status where it is refused."""

import asyncio
import json
import ssl
import sys

import websockets


async def main(address, headers, subprotocols):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    options = {"ssl": context} if address.startswith("wss:") else {}
    origin = headers.pop("Origin", None)
    try:
        async with websockets.connect(
            address, extra_headers=headers, origin=origin, subprotocols=subprotocols or None, **options
        ) as ws:
            await ws.send("hello")
            print(await ws.recv(), ws.subprotocol or "")
    except websockets.InvalidStatusCode as refused:
        print("refused", refused.status_code)


asyncio.run(main(sys.argv[1], json.loads(sys.argv[2]) or {}, json.loads(sys.argv[3])))
